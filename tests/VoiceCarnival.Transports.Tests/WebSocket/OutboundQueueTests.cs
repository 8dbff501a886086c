using System.Buffers;
using System.Net.WebSockets;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.WebSocket;

namespace VoiceCarnival.Transports.Tests.WebSocket;

public sealed class OutboundQueueTests
{
    private readonly OutboundQueue _queue = new(softLimit: 100, hardLimit: 300);

    [Fact]
    public void BelowTheSoftLimit_ThereIsRoom()
    {
        Assert.True(_queue.Add(Message(60)));
        Assert.True(_queue.Add(Message(40)));
        Assert.Equal(100, _queue.Bytes);
    }

    [Fact]
    public void PastTheSoftLimit_AsksToHold_AndCallsOnceWhenHalfIsWritten()
    {
        Assert.True(_queue.Add(Message(60)));
        Assert.False(_queue.Add(Message(60)));
        Assert.False(_queue.Written(60));
        Assert.True(_queue.Written(60));
        Assert.False(_queue.Written(0));
    }

    [Fact]
    public async Task PastTheHardLimit_IsGivenUp_ButWhatIsThereCanStillBeTaken()
    {
        _queue.Add(Message(250));
        Assert.False(_queue.Overflowed);
        Assert.False(_queue.Add(Message(60)));
        Assert.True(_queue.Overflowed);
        Assert.Equal(250, _queue.Bytes);
        Assert.True(_queue.TryTake(out var first));
        Assert.Equal(250, first.Length);
        Assert.False(await _queue.WaitAsync());
    }

    [Fact]
    public void AfterTheEnd_NothingIsTakenIn()
    {
        _queue.Complete();
        Assert.False(_queue.Add(Message(1)));
        Assert.Equal(0, _queue.Bytes);
    }

    [Fact]
    public void Goodbye_FindsRoomInAFullQueue()
    {
        _queue.Add(Message(300));
        _queue.Add(new OutboundMessage([], 0, WebSocketMessageType.Close, SessionTermination.CallerClosed));
        Assert.False(_queue.Overflowed);
        _queue.TryTake(out _);
        Assert.True(_queue.TryTake(out var goodbye));
        Assert.NotNull(goodbye.Goodbye);
    }

    private static OutboundMessage Message(int length) => new(ArrayPool<byte>.Shared.Rent(length), length, WebSocketMessageType.Text);
}
