using System.Buffers.Binary;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Protocols.Tests.Sctp;

public sealed class SctpTransferTests
{
    [Theory]
    [InlineData(0, 0, 0, 10)]
    [InlineData(5, 0, 0, 30)]
    [InlineData(25, 0, 0, 240)]
    [InlineData(5, 60, 10, 60)]
    [InlineData(25, 60, 25, 300)]
    public void MessagesBothWays_ArriveWholeOnce_AndInOrderOnEachStream(int loss, int jitter, int duplication, int seconds)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Loss = loss / 100.0, Duplication = duplication / 100.0, Jitter = TimeSpan.FromMilliseconds(jitter) } };
            pair.Connect();
            var random = new Random(seed);
            var sent = new List<byte[]>[] { [], [] };
            for (int i = 0; i < 300; i++)
            {
                for (int side = 0; side < 2; side++)
                {
                    var message = new byte[4 + random.Next(random.Next(10) == 0 ? 20_000 : 500)];
                    random.NextBytes(message);
                    BinaryPrimitives.WriteInt32BigEndian(message, i);
                    // Where the buffer is full the application waits.
                    var association = pair.Sides[side];
                    Assert.True(pair.Run(() => association.TrySend((ushort)(i % 3), 53, message), seconds));
                    sent[1 - side].Add(message);
                }
            }

            Assert.True(
                pair.Run(() => pair.Count(0) == 300 && pair.Count(1) == 300, seconds),
                $"seed {seed}: {pair.Count(0)} and {pair.Count(1)} of 300 after {pair.Now}, {pair.A.State}");
            for (int side = 0; side < 2; side++)
            {
                for (int stream = 0; stream < 3; stream++)
                {
                    var received = pair.Events[side].Where(e => e.Kind == SctpEventKind.Message && e.Stream == stream).Select(e => e.Payload.ToArray()).ToList();
                    Assert.Equal(100, received.Count);
                    Assert.All(received.Zip(sent[side].Where((_, i) => i % 3 == stream)), both => Assert.True(both.First.AsSpan().SequenceEqual(both.Second)));
                }
            }

            Assert.True(pair.Run(() => pair.A.BufferedAmount == 0 && pair.B.BufferedAmount == 0, seconds));
        }
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 30)]
    [InlineData(25, 180)]
    public void LongestMessage_ArrivesOnALossyLine(int loss, int seconds)
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Loss = loss / 100.0 } };
            pair.Connect();
            var message = new byte[256 * 1024];
            new Random(seed).NextBytes(message);
            Assert.True(pair.A.TrySend(1, 51, message));
            Assert.True(pair.Run(() => pair.Messages(1).Any(), seconds), $"seed {seed}: not there after {pair.Now}");
            Assert.True(pair.Messages(1).Single().AsSpan().SequenceEqual(message));
        }
    }

    [Fact]
    public void CleanLine_SendsNothingTwice_AndFillsTheWindow()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        var start = pair.Now;
        for (int i = 0; i < 10; i++)
            Assert.True(pair.A.TrySend(1, 53, new byte[100_000]));
        Assert.True(pair.Run(() => pair.Count(1) == 10, 30));
        Assert.Equal(0, pair.A.Retransmissions);
        // 1 MB in windows of 64 KiB at most, each taking 40 ms, and some round trips until the window has grown.
        Assert.InRange((pair.Now - start).TotalSeconds, 0.6, 2.5);
    }

    [Fact]
    public void SingleLoss_IsRepairedWithoutTheTimer()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        int data = 0;
        pair.Passes = (to, bytes) => to != 1 || bytes[12] != 0 || ++data != 5;
        var start = pair.Now;
        Assert.True(pair.A.TrySend(1, 53, new byte[30_000]));
        Assert.True(pair.Run(() => pair.Messages(1).Any(), 5));
        Assert.Equal(1, pair.A.Retransmissions);
        Assert.True(pair.Now - start < TimeSpan.FromMilliseconds(400), $"{pair.Now - start}");
    }

    [Fact]
    public void LostRetransmission_IsSentAgainWithoutTheTimer()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        uint? victim = null;
        int kills = 0, data = 0;
        pair.Passes = (to, bytes) =>
        {
            if (to != 1 || bytes[12] != 0)
                return true;
            uint tsn = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(16));
            if (++data == 20)
                victim = tsn;
            return tsn != victim || ++kills > 3;
        };
        var start = pair.Now;
        Assert.True(pair.A.TrySend(1, 53, new byte[200_000]));
        Assert.True(pair.Run(() => pair.Messages(1).Any(), 10));
        Assert.Equal(4, kills);
        Assert.True(pair.Now - start < TimeSpan.FromMilliseconds(900), $"{pair.Now - start}");
    }

    [Fact]
    public void ReaderThatPauses_ClosesTheWindow_AndNothingIsLost()
    {
        var pair = new SctpPair(1, new SctpOptions { ReceiveBuffer = 100_000 });
        pair.Connect();
        pair.Reading[1] = false;
        var sent = Enumerable.Range(0, 60).Select(i => Enumerable.Repeat((byte)i, 10_000).ToArray()).ToList();
        foreach (var message in sent)
            Assert.True(pair.A.TrySend(1, 53, message));
        Assert.False(pair.Run(() => pair.A.BufferedAmount < 480_000, 200));
        Assert.Equal(SctpState.Established, pair.A.State);
        Assert.True(pair.A.BufferedAmount < 600_000);
        pair.Reading[1] = true;
        Assert.True(pair.Run(() => pair.Count(1) == 60, 20));
        Assert.All(pair.Messages(1).Zip(sent), both => Assert.True(both.First.AsSpan().SequenceEqual(both.Second)));
    }

    [Fact]
    public void FullSendBuffer_Refuses_AndTakesMoreLater()
    {
        var pair = new SctpPair(1, new SctpOptions { SendBuffer = 50_000 });
        pair.Connect();
        Assert.True(pair.A.TrySend(1, 53, new byte[40_000]));
        Assert.False(pair.A.TrySend(1, 53, new byte[20_000]));
        Assert.True(pair.Run(() => pair.A.BufferedAmount == 0, 5));
        Assert.True(pair.A.TrySend(1, 53, new byte[20_000]));
        Assert.Throws<ArgumentException>(() => pair.A.TrySend(1, 53, []));
    }

    [Fact]
    public void MessageLongerThanAgreed_EndsTheAssociation()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        Assert.True(pair.A.TrySend(1, 53, new byte[256 * 1024 + 1]));
        Assert.True(pair.Run(() => pair.A.State == SctpState.Closed && pair.B.State == SctpState.Closed, 20));
        Assert.Equal(SctpCloseReason.ProtocolViolation, pair.Events[1][^1].Reason);
        Assert.Equal(SctpCloseReason.AbortedByPeer, pair.Events[0][^1].Reason);
    }

    [Fact]
    public void CutLine_EndsInATimeout_AndAShortCutDoesNot()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        pair.Line.IsCut = true;
        Assert.True(pair.A.TrySend(1, 53, new byte[5000]));
        Assert.False(pair.Run(() => pair.A.State == SctpState.Closed, 30));
        pair.Line.IsCut = false;
        Assert.True(pair.Run(() => pair.Messages(1).Any(), 6));

        pair.Line.IsCut = true;
        Assert.True(pair.A.TrySend(1, 53, new byte[5000]));
        Assert.True(pair.Run(() => pair.A.State == SctpState.Closed, 200));
        Assert.Equal(SctpCloseReason.Timeout, pair.Events[0][^1].Reason);
    }

    [Fact]
    public void IdleAssociation_AsksWhetherThePeerIsThere()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        int sent = pair.Line.Sent;
        Assert.False(pair.Run(() => pair.A.State == SctpState.Closed || pair.B.State == SctpState.Closed, 300));
        Assert.InRange(pair.Line.Sent - sent, 10, 60);
        pair.Line.IsCut = true;
        Assert.True(pair.Run(() => pair.A.State == SctpState.Closed && pair.B.State == SctpState.Closed, 300));
    }
}
