using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Protocols.Tests.Rtcp;

public sealed class ReceptionStatisticsTests
{
    private readonly ReceptionStatistics _statistics = new(new Ssrc(1), 8000);

    [Fact]
    public void LossOverARound_IsCounted_AndTheFractionOnlySinceTheLastReport()
    {
        for (int i = 0; i < 1000; i++)
        {
            if (i % 4 != 3)
                Receive(65_000 + i, i);
        }

        Receive(66_000, 1000);
        var report = _statistics.TakeReport(TimeSpan.Zero);
        Assert.Equal((250, 250L), (report.CumulativeLost, _statistics.Lost));
        Assert.Equal(250 * 256 / 1001, report.FractionLost);
        Assert.Equal(66_000u, report.HighestSequence); // one round and 464

        Receive(66_001, 1001);
        report = _statistics.TakeReport(TimeSpan.Zero);
        Assert.Equal((0, 250), (report.FractionLost, report.CumulativeLost));
    }

    [Fact]
    public void DuplicatesAndLatePackets_AreNoLoss()
    {
        foreach (int number in new[] { 10, 12, 11, 11, 13 })
            Receive(number, number);
        var report = _statistics.TakeReport(TimeSpan.Zero);
        Assert.Equal((0, -1, 13u), (report.FractionLost, report.CumulativeLost, report.HighestSequence));
    }

    // Appendix A.8: each packet 10 ms early or late, so every change of the transit is 20 ms: 160 units of which the mean goes to 1 - (15/16)^n.
    [Fact]
    public void Rfc3550_A_8_Jitter_FollowsTheChangeOfTheTransit()
    {
        for (int i = 0; i < 17; i++)
            Receive(i, i, TimeSpan.FromMilliseconds(20 * i + (i % 2 == 0 ? 0 : 20)));
        Assert.Equal(160 * (1 - Math.Pow(15.0 / 16, 16)), _statistics.Jitter.TotalSeconds * 8000, 1.0);
    }

    [Fact]
    public void EvenStream_OverAWrapOfTheTimestamp_HasNoJitter()
    {
        for (int i = 0; i < 100; i++)
            _statistics.OnPacket(new RtpHeader { Sequence = new SequenceNumber((ushort)i), Timestamp = unchecked(4_294_960_000 + (uint)(160 * i)) }, TimeSpan.FromMilliseconds(20 * i));
        Assert.True(_statistics.Jitter < TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public void SenderThatStartsAnew_IsCountedAnew_ButOneStrayPacketIsNot()
    {
        for (int i = 0; i < 50; i++)
            Receive(i, i);
        Receive(30_000, 50);
        Receive(50, 50);
        Assert.Equal((51L, 0L), (_statistics.Received, _statistics.Lost));
        Receive(30_000, 51);
        Receive(30_001, 52);
        Receive(30_002, 53);
        Assert.Equal((2L, 0L), (_statistics.Received, _statistics.Lost));
    }

    [Fact]
    public void Counting_AllocatesNothing()
    {
        int number = 0;
        Assert.Equal(0, Allocations.Least(() => Receive(number++, number)));
    }

    private void Receive(int number, int tick, TimeSpan? arrival = null) => _statistics.OnPacket(
        new RtpHeader { Sequence = new SequenceNumber((ushort)number), Timestamp = (uint)(160 * tick) }, arrival ?? TimeSpan.FromMilliseconds(20 * tick));
}
