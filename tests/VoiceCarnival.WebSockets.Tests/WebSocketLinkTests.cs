using System.Buffers.Binary;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Testing;

namespace VoiceCarnival.WebSockets.Tests;

public sealed class WebSocketLinkTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedStream _stream = new();
    private readonly Receiver _receiver = new();
    private int _aborted;

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void IdleLine_IsWrittenAtOnce()
    {
        using var link = Link();
        Assert.True(link.Send(Opcode.Text, "hi"u8));
        Assert.Equal("81026869", Convert.ToHexStringLower(_stream.Written));
        Assert.Equal(0, link.Pending);
    }

    [Fact]
    public void MessagesDuringAWrite_LeaveTogether_AndRoomIsToldOnce()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 10, HardLimit = 100 });
        var write = _stream.HoldNextWrite();
        Assert.True(link.Send(Opcode.Binary, new byte[4]));
        Assert.False(link.Send(Opcode.Binary, new byte[8]));
        Assert.False(link.Send(Opcode.Binary, new byte[8]));
        Assert.Equal(1, _stream.Writes);
        write.SetResult();
        Assert.True(SpinWait.SpinUntil(() => _receiver.Rooms == 1, TimeSpan.FromSeconds(5)));
        Assert.Equal(2, _stream.Writes);
        Assert.True(link.Send(Opcode.Binary, new byte[4]));
        Assert.Equal(1, _receiver.Rooms);
    }

    [Fact]
    public void PastTheHardLimit_TheLineIsGivenUp()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 10, HardLimit = 100 });
        _stream.HoldNextWrite();
        link.Send(Opcode.Binary, new byte[20]);
        Assert.False(link.Send(Opcode.Binary, new byte[70]));
        Assert.False(link.IsTooSlow);
        link.Send(Opcode.Binary, new byte[20]);
        Assert.True(link.IsTooSlow);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _aborted) == 1, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task OneMessageLongerThanTheHardLimit_IsNoPile_ASecondBehindItIs()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 10, HardLimit = 100 });
        var write = _stream.HoldNextWrite();
        Assert.False(link.Send(Opcode.Binary, new byte[5000]));
        Assert.False(link.Send(Opcode.Binary, new byte[40]));
        Assert.False(link.IsTooSlow);
        write.SetResult();
        await link.FlushAsync().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(0, link.Pending);

        _stream.HoldNextWrite();
        link.Send(Opcode.Binary, new byte[5000]);
        link.Send(Opcode.Binary, new byte[5000]);
        Assert.True(link.IsTooSlow);
    }

    [Fact]
    public void StuckWrite_EndsTheLineAtItsDeadline()
    {
        using var link = Link();
        _stream.HoldNextWrite();
        link.Send(Opcode.Binary, new byte[4]);
        _time.Advance(TimeSpan.FromSeconds(10));
        link.Check();
        Assert.False(link.IsTooSlow);
        _time.Advance(TimeSpan.FromSeconds(1));
        link.Check();
        Assert.True(link.IsTooSlow);
    }

    [Fact]
    public void SilentPeer_IsPinged_ThenGivenUp()
    {
        using var link = Link();
        Look(link, seconds: 16);
        Assert.Equal("8900", Convert.ToHexStringLower(_stream.Written));
        Look(link, seconds: 20);
        Assert.True(link.Send(Opcode.Text, "a"u8));
        Assert.Equal("8900" + "810161", Convert.ToHexStringLower(_stream.Written));
        Look(link, seconds: 1);
        AssertAborted();
    }

    [Fact]
    public void SilentPeer_IsPingedSooner_WhenItWasSentSomething()
    {
        using var link = Link(new WebSocketLimits { PingAfterSending = TimeSpan.FromSeconds(2) });
        Look(link, seconds: 3);
        Assert.Empty(_stream.Written);
        link.Send(Opcode.Text, "a"u8);
        Look(link, seconds: 1);
        Assert.Equal("810161" + "8900", Convert.ToHexStringLower(_stream.Written));
    }

    [Fact]
    public void PingOfTheOwner_CountsFromTheFirstThatWasNotAnswered()
    {
        using var link = Link(new WebSocketLimits { PongTimeout = TimeSpan.FromSeconds(4) });
        for (int second = 0; second < 4; second++)
        {
            link.Ping([1]);
            Look(link, seconds: 1);
        }

        Assert.Equal(0, Volatile.Read(ref _aborted));
        link.Ping([1]);
        Look(link, seconds: 1);
        AssertAborted();
    }

    [Fact]
    public async Task Pong_TellsWhichPingItAnswers_AndIsASignOfLife()
    {
        using var link = Link(new WebSocketLimits { PongTimeout = TimeSpan.FromSeconds(4) });
        link.Ping([1, 2]);
        Look(link, seconds: 3);
        _stream.Feed(Masked(Opcode.Pong, [1, 2]));
        _stream.IsSilent = true;
        var receiving = link.ReceiveAsync();
        Assert.Equal([[1, 2]], _receiver.Pongs);
        Look(link, seconds: 10);
        Assert.Equal(0, Volatile.Read(ref _aborted));
        _stream.Cut();
        await receiving;
    }

    [Fact]
    public void MachineThatStoodStill_DoesNotBlameThePeer()
    {
        using var link = Link(new WebSocketLimits { PongTimeout = TimeSpan.FromSeconds(4) });
        link.Ping([1]);
        _time.Advance(TimeSpan.FromSeconds(60));
        link.Check();
        Look(link, seconds: 4);
        Assert.Equal(0, Volatile.Read(ref _aborted));
        Look(link, seconds: 2);
        AssertAborted();
    }

    [Fact]
    public async Task Ping_IsAnswered_AndTheGoodbyeToo()
    {
        using var link = Link();
        _stream.Feed(Masked(Opcode.Ping, [7]), Masked(Opcode.Close, [0x03, 0xE8]));
        var closure = await link.ReceiveAsync();
        Assert.Equal((1000, true), (closure.Code, closure.IsOrderly));
        Assert.Equal("8a0107" + "880203e8", Convert.ToHexStringLower(_stream.Written));
    }

    [Fact]
    public async Task EndWithoutAGoodbye_IsALostLine()
    {
        using var link = Link();
        _stream.Feed(Masked(Opcode.Text, [(byte)'x']));
        var closure = await link.ReceiveAsync();
        Assert.Equal((WebSocketClosure.Lost, false), (closure.Code, closure.IsOrderly));
        Assert.Equal(["x"], _receiver.Messages);
    }

    [Fact]
    public void AfterTheGoodbye_NothingMoreIsSent()
    {
        using var link = Link();
        link.Close(4000, new string('ü', 200));
        int written = _stream.Written.Length;
        Assert.Equal(4000, BinaryPrimitives.ReadUInt16BigEndian(_stream.Written.AsSpan(2)));
        Assert.InRange(written, 100, 2 + 125);
        Assert.True(link.Send(Opcode.Text, "late"u8));
        link.Close(1000, "again");
        Assert.Equal(written, _stream.Written.Length);
    }

    [Fact]
    public void Disposed_TheConnectionIsNotTouchedAnyMore()
    {
        var link = Link();
        link.Dispose();
        link.Abort();
        link.Send(Opcode.Text, "late"u8);
        link.Check();
        Assert.Empty(_stream.Written);
        Assert.Equal(0, Volatile.Read(ref _aborted));
    }

    [Fact]
    public void SteadySending_AllocatesNothing()
    {
        using var link = new WebSocketLink(Stream.Null, WebSocketRole.Client, new WebSocketLimits(), () => { }, _time) { Receiver = _receiver };
        var frame = new byte[1400];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
                link.Send(Opcode.Text, frame);
        }));
    }

    // As the watch does, once a second.
    private void Look(WebSocketLink link, int seconds)
    {
        for (; seconds > 0; seconds--)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            link.Check();
        }
    }

    private void AssertAborted() => Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _aborted) == 1, TimeSpan.FromSeconds(10)));

    private WebSocketLink Link(WebSocketLimits? limits = null) =>
        new(_stream, WebSocketRole.Server, limits ?? new WebSocketLimits(), () => Interlocked.Increment(ref _aborted), _time) { Receiver = _receiver };

    private static byte[] Masked(Opcode opcode, byte[] payload)
    {
        using var frames = new OutgoingFrames(WebSocketRole.Client);
        frames.Add(opcode, new BytesPayload(payload));
        frames.TryTake(out var bytes);
        return bytes.ToArray();
    }

    private sealed class Receiver : IWebSocketReceiver
    {
        private int _rooms;

        public int Rooms => Volatile.Read(ref _rooms);

        public List<byte[]> Pongs { get; } = [];

        public List<string> Messages { get; } = [];

        public ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload)
        {
            Messages.Add(System.Text.Encoding.UTF8.GetString(payload.Span));
            return ValueTask.CompletedTask;
        }

        public void OnPong(ReadOnlySpan<byte> payload) => Pongs.Add(payload.ToArray());

        public void OnRoom() => Interlocked.Increment(ref _rooms);
    }
}
