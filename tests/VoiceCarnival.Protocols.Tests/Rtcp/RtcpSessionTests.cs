using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Tests.Rtcp;

public sealed class RtcpSessionTests
{
    private static readonly DateTimeOffset WallClock = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TwoSides_LearnRoundTripLossAndJitter()
    {
        var delay = TimeSpan.FromMilliseconds(40);
        var a = Session(1);
        // The other side's clocks have nothing to do with ours.
        var b = new RtcpSession(new Ssrc(2), Options(2), TimeSpan.FromHours(5), WallClock.AddDays(100));
        var inFlight = new List<(TimeSpan At, RtcpSession To, byte[] Packet)>();
        var buffer = new byte[400];
        for (int tick = 0; tick < 1000; tick++)
        {
            var now = TimeSpan.FromMilliseconds(20 * tick);
            foreach (var (_, to, packet) in inFlight.Where(p => p.At == now).ToArray())
                Assert.Equal(RtcpError.None, to.Receive(packet, Clock(to)));
            var header = new RtpHeader { Sequence = new SequenceNumber((ushort)tick), Timestamp = (uint)(160 * tick), Ssrc = a.Local };
            a.OnSent(header, 160, now);
            if (tick % 10 != 9)
                b.OnReceived(header, Clock(b));
            foreach (var session in new[] { a, b })
            {
                if (session.TryTakeReport(Clock(session), buffer, out int length))
                    inFlight.Add((now + delay, session == a ? b : a, buffer[..length]));
            }

            TimeSpan Clock(RtcpSession session) => session == a ? now : now + TimeSpan.FromHours(5);
        }

        Assert.InRange(a.RoundTrip!.Value.TotalMilliseconds, 79, 81);
        Assert.Null(b.RoundTrip); // sends nothing, so nobody answers its reports
        Assert.InRange(a.RemoteReport!.Value.FractionLost, 23, 28);
        Assert.InRange(b.Reception!.Lost, 95, 100);
        Assert.Equal(a.RemoteReport!.Value.Jitter, (uint)(b.Reception.Jitter.TotalSeconds * 8000), 2.0);
    }

    [Fact]
    public void Reports_ComeAtHalfToOneAndAHalfIntervals_DifferentlyForEachSeed()
    {
        var buffer = new byte[400];
        var first = new List<TimeSpan>();
        for (ulong seed = 0; seed < 20; seed++)
        {
            var session = new RtcpSession(new Ssrc(1), Options(seed), TimeSpan.Zero, WallClock);
            first.Add(session.NextDeadline);
            Assert.InRange(session.NextDeadline.TotalSeconds, 0.5, 1.5);
            for (int i = 0; i < 50; i++)
            {
                var due = session.NextDeadline;
                Assert.False(session.TryTakeReport(due - TimeSpan.FromTicks(1), buffer, out _));
                Assert.True(session.TryTakeReport(due, buffer, out _));
                Assert.InRange((session.NextDeadline - due).TotalSeconds, 1, 3);
            }
        }

        Assert.Equal(20, first.Distinct().Count());
    }

    [Fact]
    public void SilentSide_SendsAReceiverReport_AndTheOtherASenderReport()
    {
        var session = Session(1);
        var buffer = new byte[400];
        Assert.True(session.TryTakeReport(session.NextDeadline, buffer, out _));
        Assert.Equal((byte)RtcpPacketType.ReceiverReport, buffer[1]);
        session.OnSent(new RtpHeader { Timestamp = 1000 }, 160, session.NextDeadline - TimeSpan.FromSeconds(1));
        Assert.True(session.TryTakeReport(session.NextDeadline, buffer, out int length));
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(buffer.AsSpan(0, length), out var compound));
        foreach (var packet in compound)
        {
            if (RtcpReport.TryRead(packet, out var report))
                Assert.Equal((9000u, 1u, 160u), (report.Sender!.Value.RtpTimestamp, report.Sender.Value.Packets, report.Sender.Value.Octets));
        }
    }

    [Fact]
    public void GoodbyeOfThePeer_IsNoticed_OfAStrangerIsNot()
    {
        var session = Session(1);
        session.OnReceived(new RtpHeader { Ssrc = new Ssrc(2) }, TimeSpan.Zero);
        Assert.Equal(RtcpError.None, session.Receive(Goodbye(9), TimeSpan.Zero));
        Assert.False(session.HasPeerLeft);
        Assert.Equal(RtcpError.None, session.Receive(Goodbye(2), TimeSpan.Zero));
        Assert.True(session.HasPeerLeft);
    }

    [Fact]
    public void Feedback_IsSkipped_AndNonsenseGivesNoRoundTrip()
    {
        var session = Session(1);
        session.OnReceived(new RtpHeader { Ssrc = new Ssrc(2) }, TimeSpan.Zero);
        // Report with a last-report time we never sent; NACK; PLI; extended report.
        var bytes = Hex.Bytes("81C90007 00000002 00000001 00000000 00000000 00000000 00000001 FFFFFFFF 81CD0003 00000002 00000001 00000000 81CE0002 00000002 00000001 80CF0001 00000002");
        Assert.Equal(RtcpError.None, session.Receive(bytes, TimeSpan.FromSeconds(1)));
        Assert.NotNull(session.RemoteReport);
        Assert.Null(session.RoundTrip);
    }

    [Fact]
    public void ManySources_KeepReportsShort()
    {
        var session = Session(1);
        for (uint source = 10; source < 200; source++)
            session.OnReceived(new RtpHeader { Ssrc = new Ssrc(source) }, TimeSpan.FromMilliseconds(source));
        var buffer = new byte[400];
        Assert.True(session.TryTakeReport(session.NextDeadline, buffer, out int length));
        Assert.Equal(4, buffer[0] & 0x1F);
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(buffer.AsSpan(0, length), out _));
    }

    private static byte[] Goodbye(uint source)
    {
        var other = new RtcpSession(new Ssrc(source), Options(1), TimeSpan.Zero, WallClock);
        var buffer = new byte[400];
        Assert.True(other.TryWriteGoodbye(TimeSpan.Zero, buffer, out int length));
        return buffer[..length];
    }

    private static RtcpSession Session(uint source) => new(new Ssrc(source), Options(1), TimeSpan.Zero, WallClock);

    private static RtcpOptions Options(ulong seed) => new() { Cname = "x", ClockRate = 8000, Seed = seed };
}
