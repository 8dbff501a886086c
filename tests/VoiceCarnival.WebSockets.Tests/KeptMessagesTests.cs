using System.Text;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Testing;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>What is sent is kept until the peer has proved to have it, so that a line which breaks silently loses nothing.</summary>
public sealed class KeptMessagesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly PeerStream _stream = new();
    private readonly Receiver _receiver = new();

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void WhatWasNotProved_IsHandedOver_InOrder_AndOnlyOnce()
    {
        using var link = Link();
        link.Send(Opcode.Text, "before"u8);
        link.KeepUnproven();
        link.Send(Opcode.Text, "a"u8);
        link.Send(Opcode.Binary, new byte[70_000]);
        link.Send(Opcode.Text, "c"u8);
        Assert.Equal(["a", "70000", "c"], Taken(link));
        Assert.Empty(Taken(link));
        link.Send(Opcode.Text, "d"u8);
        Assert.Empty(Taken(link));
    }

    [Fact]
    public void WhatThePeerAnsweredFor_IsNotHandedOver()
    {
        using var link = Link();
        link.KeepUnproven();
        link.Send(Opcode.Text, "a"u8);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        link.Send(Opcode.Text, "b"u8);
        link.Send(Opcode.Text, "c"u8);
        Assert.Equal(2, _stream.Pings.Count);
        _stream.Come(Opcode.Pong, _stream.Pings[1]);
        Assert.Equal(["c"], Taken(link));
    }

    [Fact]
    public void TheLastOfWhatWasSaid_IsAskedForAtTheNextLook_AndThenNothingIsKept()
    {
        using var link = Link();
        link.KeepUnproven();
        link.Send(Opcode.Text, "a"u8);
        link.Send(Opcode.Text, "response.done"u8);
        Assert.Single(_stream.Pings);
        link.Check();
        Assert.Equal(2, _stream.Pings.Count);
        link.Check();
        Assert.Equal(2, _stream.Pings.Count);
        _stream.Come(Opcode.Pong, _stream.Pings[1]);
        Assert.Equal(0, link.Held);
        Assert.Empty(Taken(link));
    }

    [Fact]
    public void AnswersToNothingThatWasAsked_ProveNothing()
    {
        using var link = Link();
        link.KeepUnproven();
        link.Send(Opcode.Text, "a"u8);
        byte[] ping = _stream.Pings[0];
        foreach (byte[] wrong in (byte[][])[[], [1], new byte[8], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [(byte)(ping[0] - 1), .. ping[1..]], [(byte)(ping[0] + 1), .. ping[1..]]])
            _stream.Come(Opcode.Pong, wrong);
        Assert.Equal(["a"], Taken(link));
    }

    [Fact]
    public void AfterTheLineHasBroken_WhatWasNotWrittenIsHandedOverToo()
    {
        using var link = Link();
        link.KeepUnproven();
        _stream.IsStuck = true;
        link.Send(Opcode.Text, "written"u8);
        link.Send(Opcode.Text, "waiting"u8);
        link.Abort();
        Assert.False(link.Send(Opcode.Text, "late"u8));
        Assert.Equal(["written", "waiting", "late"], Taken(link));
        Assert.True(link.Send(Opcode.Text, "too late"u8));
        Assert.Empty(Taken(link));
    }

    [Fact]
    public void BehindTheGoodbye_NothingIsWritten_ButKept()
    {
        using var link = Link();
        link.KeepUnproven();
        link.Send(Opcode.Text, "a"u8);
        _stream.Come(Opcode.Close, [0x10, 0x04]); // 4100
        int written = _stream.Written;
        link.Send(Opcode.Text, "late"u8);
        link.Check();
        Assert.Equal(written, _stream.Written);
        Assert.Equal(["a", "late"], Taken(link));
    }

    [Fact]
    public void PeerThatIsSlowToProve_HasNoRoom_UntilItHasAnswered()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 1000, HardLimit = 100_000 });
        link.KeepUnproven();
        Assert.True(link.Send(Opcode.Binary, new byte[600]));
        Assert.False(link.Send(Opcode.Binary, new byte[600]));
        link.Check();
        _stream.Come(Opcode.Pong, _stream.Pings[^1]);
        Assert.Equal(1, _receiver.Rooms);
        Assert.True(link.Send(Opcode.Binary, new byte[600]));
    }

    [Fact]
    public void PeerThatProvesNothingAtAll_PassesTheHardLimit_AndIsGivenUp()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 1000, HardLimit = 10_000 });
        link.KeepUnproven();
        for (int i = 0; i < 20; i++)
            link.Send(Opcode.Binary, new byte[600]);
        Assert.True(link.IsTooSlow);
    }

    [Fact]
    public void PeerThatSpeaksAndAnswersNoPings_IsNotKeptForAnyMore()
    {
        using var link = Link(new WebSocketLimits { SoftLimit = 1000, PongTimeout = TimeSpan.FromSeconds(20) });
        link.KeepUnproven();
        Assert.False(link.Send(Opcode.Binary, new byte[1200]));
        for (int second = 0; second < 22; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _stream.Come(Opcode.Text, "still here"u8.ToArray());
            link.Check();
        }

        Assert.Equal(0, link.Held);
        Assert.Equal(1, _receiver.Rooms);
        Assert.True(link.Send(Opcode.Binary, new byte[600]));
    }

    [Fact]
    public void PeerThatSaysNothing_IsKeptFor()
    {
        using var link = Link(new WebSocketLimits { PingAfter = TimeSpan.FromSeconds(60) });
        link.KeepUnproven();
        link.Send(Opcode.Text, "a"u8);
        for (int second = 0; second < 50; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            link.Check();
        }

        Assert.Equal(["a"], Taken(link));
    }

    [Fact]
    public void RandomTraffic_EveryMessageIsProvedOrHandedOver()
    {
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            using var stream = new PeerStream();
            using var link = Link(null, stream);
            link.KeepUnproven();
            int count = random.Next(1, 60);
            int proved = 0;
            var ends = new List<int>(); // messages that were sent before each ping
            for (int i = 0; i < count; i++)
            {
                byte[] message = new byte[random.Next(8) == 0 ? random.Next(40_000) : random.Next(4, 1000)];
                BitConverter.TryWriteBytes(message, i);
                link.Send(Opcode.Binary, message);
                _time.Advance(TimeSpan.FromMilliseconds(random.Next(60)));
                while (ends.Count < stream.Pings.Count)
                    ends.Add(i + 1);
                if (ends.Count == 0 || random.Next(6) != 0)
                    continue;
                int answered = random.Next(ends.Count);
                if (ends[answered] <= proved)
                    continue;
                stream.Come(Opcode.Pong, stream.Pings[answered]);
                proved = ends[answered];
            }

            var taken = new List<int>();
            link.TakeUnproven((_, payload) => taken.Add(payload.Length < 4 ? -1 : BitConverter.ToInt32(payload)));
            Assert.Equal(Enumerable.Range(proved, count - proved), taken.Select((number, at) => number < 0 ? proved + at : number));
        }
    }

    [Fact]
    public void SteadySendingThatIsProved_AllocatesNothing()
    {
        using var stream = new EchoOfPings();
        using var writer = new LinkWriter(stream, WebSocketRole.Server, new WebSocketLimits(), _time, () => { }, () => { });
        writer.Keep();
        var frame = new byte[980];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                writer.Send(Opcode.Binary, new BytesPayload(frame));
                writer.TryProve(stream.Last);
            }
        }));
        Assert.InRange(writer.Held, 0, 20 * 1024);
    }

    private WebSocketLink Link(WebSocketLimits? limits = null, PeerStream? stream = null)
    {
        stream ??= _stream;
        var link = new WebSocketLink(stream, WebSocketRole.Server, limits ?? new WebSocketLimits(), () => { }, _time) { Receiver = _receiver };
        stream.Serve(link);
        return link;
    }

    private static List<string> Taken(WebSocketLink link)
    {
        var taken = new List<string>();
        link.TakeUnproven((opcode, payload) => taken.Add(opcode == Opcode.Text ? Encoding.UTF8.GetString(payload) : payload.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return taken;
    }

    private sealed class Receiver : IWebSocketReceiver
    {
        public int Rooms { get; private set; }

        public ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload) => ValueTask.CompletedTask;

        public void OnRoom() => Rooms++;
    }

    private sealed class EchoOfPings : MemoryStream
    {
        public byte[] Last { get; } = new byte[8];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.Length > 980)
                buffer.Span[^8..].CopyTo(Last);
            return ValueTask.CompletedTask;
        }
    }
}
