using Microsoft.Extensions.Time.Testing;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>Whatever the stream, the receiver or the owner do wrong ends the line, and nothing else.</summary>
public sealed class WebSocketLinkFaultTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStream _stream = new() { IsSilent = true };
    private readonly Receiver _receiver = new();
    private int _aborted;

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void RoomIsTold_WhileNoLockOfTheLineIsHeld()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 10, HardLimit = 100 });
        using var told = new ManualResetEventSlim();
        bool wasFree = false;
        _receiver.Room = () =>
        {
            // What the receiver's own lock would do: somebody who holds it sends to this line.
            wasFree = Task.Run(() => link.Pending).Wait(TimeSpan.FromSeconds(2));
            told.Set();
        };
        var write = _stream.HoldNextWrite();
        _stream.CompleteNextWriteAsItIsAwaited();
        link.Send(Opcode.Binary, new byte[4]);
        Assert.False(link.Send(Opcode.Binary, new byte[20]));
        write.SetResult();
        Assert.True(told.Wait(Soon));
        Assert.True(wasFree);
    }

    [Fact]
    public void AbortThatThrows_CutsTheStreamInstead()
    {
        using var link = Link(abort: () => throw new NotSupportedException());
        link.Abort();
        Assert.True(SpinWait.SpinUntil(() => _stream.IsDisposed, Soon));
    }

    [Fact]
    public void WriteThatThrowsSomethingElse_BreaksTheLine()
    {
        using var link = Link();
        _stream.ThrowOnNextWrite(new NotSupportedException());
        _time.Advance(TimeSpan.FromSeconds(16));
        link.Check(); // writes a ping; an exception would leave on a timer's thread
        AssertAborted();
        Assert.True(link.Send(Opcode.Text, "late"u8));
    }

    [Fact]
    public void WriteThatFailsLater_BreaksTheLine()
    {
        using var link = Link();
        var write = _stream.HoldNextWrite();
        link.Send(Opcode.Text, "a"u8);
        write.SetException(new NotSupportedException());
        AssertAborted();
    }

    [Fact]
    public async Task ReceiverThatThrows_EndsTheLineWithItsException()
    {
        using var link = Link();
        _receiver.Message = () => throw new InvalidOperationException("defect");
        _stream.Feed(Text);
        var closure = await link.ReceiveAsync().WaitAsync(Soon);
        Assert.Equal((WebSocketClosure.InternalError, false), (closure.Code, closure.IsOrderly));
        Assert.IsType<InvalidOperationException>(closure.Failure);
    }

    [Fact]
    public async Task ReceiverThatThrowsLater_EndsTheLineWithItsException()
    {
        using var link = Link();
        _receiver.Message = () => new ValueTask(Task.FromException(new NotSupportedException()));
        _stream.Feed(Text);
        Assert.IsType<NotSupportedException>((await link.ReceiveAsync().WaitAsync(Soon)).Failure);
    }

    [Fact]
    public async Task ReceiverThatThrowsWhenThereIsRoom_EndsTheLineWithItsException()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 1, HardLimit = 100 }, _stream.Cut);
        _receiver.Room = () => throw new NotSupportedException();
        var receiving = link.ReceiveAsync();
        var write = _stream.HoldNextWrite();
        Assert.False(link.Send(Opcode.Binary, new byte[4]));
        write.SetResult();
        Assert.IsType<NotSupportedException>((await receiving.WaitAsync(Soon)).Failure);
    }

    [Fact]
    public async Task LineThatBreaksWhileAMessageIsHeld_EndsAtOnce()
    {
        using var link = Link();
        var held = new TaskCompletionSource();
        _receiver.Message = () => new ValueTask(held.Task);
        _stream.Feed(Text);
        var receiving = link.ReceiveAsync();
        Assert.False(receiving.IsCompleted);
        link.Abort();
        Assert.Equal(WebSocketClosure.Lost, (await receiving.WaitAsync(Soon)).Code);
    }

    [Fact]
    public async Task GoodbyeDuringAWrite_LeavesAfterIt()
    {
        using var link = Link(role: WebSocketRole.Server);
        var write = _stream.HoldNextWrite();
        link.Send(Opcode.Text, "a"u8);
        link.Send(Opcode.Text, "b"u8);
        link.Close(WebSocketClosure.Normal, "");
        var flushed = link.FlushAsync();
        Assert.False(flushed.IsCompleted);
        write.SetResult();
        await flushed.WaitAsync(Soon);
        Assert.Equal("810161" + "810162" + "880203e8", Convert.ToHexStringLower(_stream.Written));
        Assert.Equal(0, link.Pending);
    }

    [Fact]
    public async Task GoodbyeThatCannotLeave_IsWaitedForUntilTheWriteDeadline()
    {
        using var link = Link();
        _stream.HoldNextWrite();
        link.Close(WebSocketClosure.Normal, "");
        var flushed = link.FlushAsync();
        _time.Advance(TimeSpan.FromSeconds(11));
        link.Check();
        await flushed.WaitAsync(Soon);
        Assert.True(link.IsTooSlow);
        Assert.True(link.FlushAsync().IsCompleted);
    }

    [Fact]
    public void PayloadThatThrows_LeavesNoHalfFrame()
    {
        using var link = Link(role: WebSocketRole.Server);
        Assert.Throws<NotSupportedException>(() => link.Send(Opcode.Text, new BrokenPayload()));
        link.Send(Opcode.Text, "a"u8);
        Assert.Equal("810161", Convert.ToHexStringLower(_stream.Written));
    }

    [Fact]
    public async Task PeerThatPingsAndDoesNotRead_IsNotAnsweredWithoutEnd()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 50, HardLimit = 100 }, _stream.Cut);
        _stream.HoldNextWrite();
        link.Send(Opcode.Text, "a"u8);
        _stream.Feed([.. Enumerable.Repeat(Convert.FromHexString("8900"), 1000)]);
        var receiving = link.ReceiveAsync();
        Assert.InRange(link.Pending, 3, 60);
        link.Abort();
        await receiving.WaitAsync(Soon);
    }

    [Fact]
    public async Task PingsThatCameTogether_AreAnsweredTogether_AndBeforeAMessageIsTaken()
    {
        using var link = Link(abort: _stream.Cut, role: WebSocketRole.Client);
        var held = new TaskCompletionSource();
        _receiver.Message = () => new ValueTask(held.Task);
        _stream.Feed([.. Enumerable.Repeat(Convert.FromHexString("8900"), 100), Text]);
        var receiving = link.ReceiveAsync();
        Assert.Equal((1, 600), (_stream.Writes, _stream.Written.Length));
        link.Abort();
        await receiving.WaitAsync(Soon);
    }

    [Fact]
    public void PingBehindALongMessage_IsWaitedForFromWhenItHasLeft()
    {
        using var link = Link(new WebSocketLimits { PongTimeout = TimeSpan.FromSeconds(4) });
        TaskCompletionSource[] pieces = [.. Enumerable.Range(0, 4).Select(_ => _stream.HoldNextWrite())];
        link.Send(Opcode.Binary, new byte[200 * 1024]);
        link.Ping([1]);

        // 1. It takes eight seconds until the ping's turn comes.
        for (int i = 0; i < pieces.Length; i++)
        {
            Pass(seconds: 2);
            pieces[i].SetResult();
            Assert.True(SpinWait.SpinUntil(() => _stream.Writes == Math.Min(i + 2, pieces.Length), Soon)); // it leaves with the last piece
        }

        Assert.True(SpinWait.SpinUntil(() => link.Pending == 0, Soon));
        Pass(seconds: 4);
        Assert.Equal(0, Volatile.Read(ref _aborted));

        // 2. Now it has had its time.
        Pass(seconds: 1);
        AssertAborted();

        void Pass(int seconds)
        {
            for (int i = 0; i < seconds; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                link.Check();
            }
        }
    }

    private static byte[] Text => Convert.FromHexString("810161");

    private void AssertAborted() => Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _aborted) == 1, Soon));

    private WebSocketLink Link(WebSocketLimits? limits = null, Action? abort = null, WebSocketRole role = WebSocketRole.Client) =>
        new(_stream, role, limits ?? new WebSocketLimits(), abort ?? (() => Interlocked.Increment(ref _aborted)), _time) { Receiver = _receiver };

    private readonly struct BrokenPayload : IFramePayload
    {
        public int Length => 4;

        public void Write(Span<byte> payload) => throw new NotSupportedException();
    }

    private sealed class Receiver : IWebSocketReceiver
    {
        public Func<ValueTask> Message { get; set; } = () => ValueTask.CompletedTask;

        public Action Room { get; set; } = () => { };

        public ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload) => Message();

        public void OnRoom() => Room();
    }
}
