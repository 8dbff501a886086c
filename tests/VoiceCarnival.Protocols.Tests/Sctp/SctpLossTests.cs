using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Protocols.Tests.Sctp;

/// <summary>How lines of all kinds are dealt with. Time is virtual, so the limits are exact; the whole table: VoiceCarnival.Benchmarks, sctp.</summary>
public sealed class SctpLossTests
{
    private const byte DataType = 0;
    private const int Long = 256 * 1024;

    [Fact]
    public void DataBeforeTheCookieIsAcknowledged_LeavesNothingOwed_ThatCouldNeverBePaid()
    {
        const int CookieAck = 11;
        var pair = new SctpPair(1);
        bool isLost = true;
        pair.Passes = (to, datagram) => !isLost || to != 0 || datagram[12] != CookieAck;
        pair.A.Connect(pair.Now);
        Assert.True(pair.Run(() => pair.B.State == SctpState.Established, 10));
        Assert.True(pair.B.TrySend(1, 53, new byte[100]));
        // Time goes on: a deadline that stays where it is would take a processor for itself.
        int turns = 0;
        Assert.False(pair.Run(() => ++turns > 500, 1.5), "time stands still");
        Assert.Equal(SctpState.CookieEchoed, pair.A.State);
        isLost = false;
        Assert.True(pair.Run(() => pair.Count(0) == 1, 30), "the message does not arrive");
    }

    [Theory]
    [InlineData(1, 0.7, 2)]
    [InlineData(5, 1.8, 3)]
    [InlineData(10, 2.5, 4)]
    [InlineData(25, 5, 15)]
    public void LossyLine_TakesSeconds(int loss, double median, double longest)
    {
        var times = Enumerable.Range(1, 41).Select(seed => Transfer(new SctpPair(seed) { Line = { Loss = loss / 100.0 } })).Order().ToList();
        Assert.True(times[20] < median && times[^1] < longest, $"median {times[20]:0.0} s, longest {times[^1]:0.0} s");
    }

    [Fact]
    public void LineThatIsLongerThanTheFirstTimeout_IsMeasuredAllTheSame()
    {
        var pair = new SctpPair(1) { Line = { Delay = TimeSpan.FromMilliseconds(300) } };
        Assert.True(Transfer(pair) < 7);
        Assert.True(pair.A.Retransmissions <= 4, $"{pair.A.Retransmissions} sent again");
        Assert.InRange(pair.A.RoundTrip!.Value.TotalMilliseconds, 590, 720);
    }

    [Fact]
    public void LastPacketLost_IsRepairedByAProbe()
    {
        // The last one, the last two, and all four of a message.
        foreach (int lost in new[] { 1, 2, 4 })
        {
            var pair = new SctpPair(1);
            pair.Connect();
            int data = 0;
            pair.Passes = (to, bytes) => to != 1 || bytes[12] != DataType || ++data <= 4 - lost || data > 4;
            var start = pair.Now;
            Assert.True(pair.A.TrySend(1, 53, new byte[4 * 1112]));
            Assert.True(pair.Run(() => pair.Count(1) == 1, 5));
            // Before the shortest time-out: probes go out after two round trips, and the peer's SACK may have been delayed.
            Assert.True(pair.Now - start < TimeSpan.FromMilliseconds(280), $"{lost} lost: {pair.Now - start}");
        }
    }

    [Fact]
    public void SackLost_CostsAProbeAtMost()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        bool lost = false;
        pair.Passes = (to, bytes) => to != 0 || bytes[12] != 3 || lost || !(lost = true);
        Assert.True(pair.A.TrySend(1, 53, new byte[100]));
        Assert.True(pair.Run(() => pair.A.BufferedAmount == 0, 0.3));
        Assert.Equal(1, pair.A.Retransmissions);
    }

    [Theory]
    [InlineData(30)]
    [InlineData(100)]
    public void PacketsOutOfOrder_AreNotTakenForLost(int jitter)
    {
        double share = 0;
        for (int seed = 1; seed <= 20; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Jitter = TimeSpan.FromMilliseconds(jitter), Duplication = 0.1 } };
            Assert.True(Transfer(pair) < 5);
            share += pair.A.Retransmissions / 236.0 / 20;
        }

        Assert.True(share < 0.12, $"{share:P0} sent again");
    }

    [Theory]
    [InlineData(125_000, 32)]
    [InlineData(125_000, 8)]
    [InlineData(1_250_000, 32)]
    public void NarrowLine_IsFilled_WithoutFloods(int rate, int queue)
    {
        var pair = new SctpPair(1) { Line = { Rate = rate, Queue = queue * 1024 } };
        pair.Connect();
        var start = pair.Now;
        for (int i = 0; i < 4; i++)
            Assert.True(pair.A.TrySend(1, 53, new byte[Long - 1000]));
        Assert.True(pair.Run(() => pair.Count(1) == 4, 60));
        double share = 4.0 * Long / (pair.Now - start).TotalSeconds / rate;
        Assert.True(share > 0.6, $"{share:P0} of the rate");
        Assert.True(pair.Line.Dropped < 60, $"{pair.Line.Dropped} dropped");
        Assert.InRange(pair.LongestBurst, 1, 8);
    }

    [Fact]
    public void TwoOnANarrowLine_BothGetOn()
    {
        // Both ways at once: each one's SACKs wait behind the other's data.
        var pair = new SctpPair(1) { Line = { Rate = 125_000, Queue = 16 * 1024 } };
        pair.Connect();
        Assert.True(pair.A.TrySend(1, 53, new byte[Long]) && pair.B.TrySend(1, 53, new byte[Long]));
        Assert.True(pair.Run(() => pair.Count(0) == 1 && pair.Count(1) == 1, 5), $"{pair.Now}");
    }

    [Fact]
    public void LineThatWasGone_IsTakenUpSoon_AndAtOnceWhenTold()
    {
        foreach (bool told in new[] { false, true })
        {
            var pair = new SctpPair(1);
            pair.Connect();
            Assert.True(pair.A.TrySend(1, 53, new byte[Long]));
            pair.Run(() => false, 0.2);
            pair.Line.IsCut = true;
            pair.Run(() => false, 14);
            pair.Line.IsCut = false;
            pair.Line.Delay = TimeSpan.FromMilliseconds(60);
            if (told)
                pair.A.OnPathChanged(pair.Now);
            var start = pair.Now;
            Assert.True(pair.Run(() => pair.Count(1) == 1, 10));
            Assert.True(pair.Now - start < TimeSpan.FromSeconds(told ? 1.2 : 4.5), $"{pair.Now - start}");
            Assert.InRange(pair.A.RoundTrip!.Value.TotalMilliseconds, told ? 119 : 60, 140);
        }
    }

    [Theory]
    [InlineData(1, 60)]
    [InlineData(60, 1)]
    [InlineData(20, 250)]
    public void PathThatChanges_IsFollowed(int before, int after)
    {
        var pair = new SctpPair(1) { Line = { Delay = TimeSpan.FromMilliseconds(before) } };
        pair.Connect();
        for (int i = 0; i < 3; i++)
            Assert.True(pair.A.TrySend(1, 53, new byte[Long]));
        pair.Run(() => pair.Count(1) == 1, 10);
        pair.Line.Delay = TimeSpan.FromMilliseconds(after);
        Assert.True(pair.Run(() => pair.Count(1) == 3, 12), $"{pair.Count(1)}");
        Assert.True(pair.A.Retransmissions < 120, $"{pair.A.Retransmissions} sent again");
    }

    [Fact]
    public void EachPacketOfTheHandshake_MayBeLostSeveralTimes()
    {
        foreach (byte type in new byte[] { 1, 2, 10, 11 })
        {
            for (int times = 1; times <= 3; times++)
            {
                var pair = new SctpPair(1);
                int lost = 0;
                pair.Passes = (_, bytes) => bytes[12] != type || ++lost > times;
                pair.Connect(5);
                Assert.Equal(times + 1, lost);
                Assert.True(pair.Now < TimeSpan.FromSeconds(0.5 + times), $"chunk {type} lost {times} times: {pair.Now}");
                Assert.True(pair.A.TrySend(1, 53, [1]) && pair.B.TrySend(1, 53, [2]));
                Assert.True(pair.Run(() => pair.Count(0) == 1 && pair.Count(1) == 1, 1));
            }
        }
    }

    [Fact]
    public void BothSidesConnect_WhichIsSoonerOnALossyLine()
    {
        double Median(bool both) => Enumerable.Range(1, 101).Select(seed =>
        {
            var pair = new SctpPair(seed) { Line = { Loss = 0.25 } };
            if (both)
                pair.B.Connect(pair.Now);
            pair.Connect();
            return pair.Now.TotalSeconds;
        }).Order().ElementAt(90);

        Assert.True(Median(both: true) < Median(both: false));
    }

    [Fact]
    public void SmallMessages_AllocateNothingButWhatTheReaderGets()
    {
        var (a, b) = (SctpPair.Create(1), SctpPair.Create(2));
        var buffer = new byte[1140];
        var now = TimeSpan.Zero;
        a.Connect(now);
        Exchange();
        while (a.TryTakeEvent(out _) | b.TryTakeEvent(out _))
        {
        }

        var message = new byte[300];
        long allocated = Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.True(a.TrySend(1, 51, message) && b.TrySend(1, 51, message));
                Exchange();
                Assert.True(a.TryTakeEvent(out _) & b.TryTakeEvent(out _));
                now += TimeSpan.FromMilliseconds(20);
                a.AdvanceTo(now);
                b.AdvanceTo(now);
                Exchange();
            }
        });
        // 200 arrays of 300 bytes, each with a head of 24, in whole words.
        Assert.InRange(allocated, 0, 200 * 328);

        void Exchange()
        {
            bool any = true;
            while (any)
            {
                any = false;
                while (a.TryTakeTransmit(now, buffer, out int length))
                {
                    b.Receive(buffer.AsSpan(0, length), now);
                    any = true;
                }

                while (b.TryTakeTransmit(now, buffer, out int length))
                {
                    a.Receive(buffer.AsSpan(0, length), now);
                    any = true;
                }
            }
        }
    }

    private static double Transfer(SctpPair pair)
    {
        pair.Connect();
        var start = pair.Now;
        Assert.True(pair.A.TrySend(1, 51, new byte[Long]));
        Assert.True(pair.Run(() => pair.Count(1) == 1, 120));
        return (pair.Now - start).TotalSeconds;
    }
}
