using System.Buffers.Binary;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Testing.Net;

namespace VoiceCarnival.Protocols.Tests.Sctp;

public sealed class SctpAssociationTests
{
    // RFC 3720, appendix B.4, and the check word of all CRC catalogues.
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8A9136AAu)]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", 0x62A8AB43u)]
    [InlineData("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", 0x46DD794Eu)]
    [InlineData("313233343536373839", 0xE3069283u)]
    [InlineData("", 0u)]
    public void Crc32c_Vectors(string hex, uint crc) => Assert.Equal(crc, Crc32c.Of(Hex.Bytes(hex)));

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    [InlineData(50)]
    public void Handshake_ComesThrough_OnAnyLine(int loss)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Loss = loss / 100.0, Duplication = 0.2, Jitter = TimeSpan.FromMilliseconds(50) } };
            pair.Connect(100);
            Assert.Equal(SctpEventKind.Connected, pair.Events[0][0].Kind);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public void BothBeginAtOnce_AndOneAssociationComesOfIt(int loss)
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Loss = loss / 100.0, Jitter = TimeSpan.FromMilliseconds(30) } };
            pair.B.Connect(pair.Now);
            pair.Connect(100);
            Assert.True(pair.A.TrySend(1, 53, [1]) && pair.B.TrySend(1, 53, [2]));
            Assert.True(pair.Run(() => pair.Messages(0).Any() && pair.Messages(1).Any(), 60), $"seed {seed}");
            Assert.Single(pair.Events[0], e => e.Kind == SctpEventKind.Connected);
            Assert.Single(pair.Events[1], e => e.Kind == SctpEventKind.Connected);
        }
    }

    [Fact]
    public void Shutdown_DeliversWhatIsQueued_AndEndsBothSides()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Loss = 0.2 } };
            pair.Connect();
            Assert.True(pair.A.TrySend(1, 53, new byte[20_000]));
            Assert.True(pair.B.TrySend(1, 53, new byte[20_000]));
            pair.A.Shutdown(pair.Now);
            Assert.False(pair.A.TrySend(1, 53, [1]));
            Assert.True(pair.Run(() => pair.A.State == SctpState.Closed && pair.B.State == SctpState.Closed, 200), $"{pair.A.State} {pair.B.State}");
            foreach (var events in pair.Events)
            {
                Assert.Equal([SctpEventKind.Connected, SctpEventKind.Message, SctpEventKind.Closed], events.Select(e => e.Kind));
                Assert.Equal(SctpCloseReason.Shutdown, events[^1].Reason);
            }
        }
    }

    [Fact]
    public void BothShutDownAtOnce_EndsInOrder()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        pair.A.Shutdown(pair.Now);
        pair.B.Shutdown(pair.Now);
        Assert.True(pair.Run(() => pair.A.State == SctpState.Closed && pair.B.State == SctpState.Closed, 20));
        Assert.All(pair.Events, events => Assert.Equal(SctpCloseReason.Shutdown, events[^1].Reason));
    }

    [Fact]
    public void Abort_EndsThePeerAtOnce_AfterWhatItHasReceived()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        pair.Reading[1] = false;
        Assert.True(pair.A.TrySend(1, 53, [1]));
        Assert.True(pair.Run(() => pair.A.BufferedAmount == 0, 5));
        pair.A.Abort();
        Assert.True(pair.Run(() => pair.B.State == SctpState.Closed, 1));
        pair.Reading[1] = true;
        pair.Drain(1);
        Assert.Equal([SctpEventKind.Connected, SctpEventKind.Message, SctpEventKind.Closed], pair.Events[1].Select(e => e.Kind));
        Assert.Equal(SctpCloseReason.AbortedByPeer, pair.Events[1][^1].Reason);
        Assert.Null(pair.A.NextDeadline);
        Assert.Null(pair.B.NextDeadline);
    }

    [Fact]
    public void Rfc9260_5_2_PeerThatHasBegunAnew_IsTakenForThat()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        pair.Sides[0] = SctpPair.Create(99);
        pair.Connect();
        Assert.Equal([SctpEventKind.Connected, SctpEventKind.Restarted, SctpEventKind.Connected], pair.Events[1].Select(e => e.Kind));
        Assert.True(pair.A.TrySend(1, 53, [1]) && pair.B.TrySend(1, 53, [2]));
        Assert.True(pair.Run(() => pair.Messages(0).Any() && pair.Messages(1).Any(), 10));
    }

    [Fact]
    public void Inits_CostNoState_HoweverManyCome()
    {
        var b = SctpPair.Create(1);
        var buffer = new byte[1140];
        for (int seed = 10; seed < 300; seed++)
        {
            var a = SctpPair.Create(seed);
            a.Connect(TimeSpan.Zero);
            Assert.True(a.TryTakeTransmit(TimeSpan.Zero, buffer, out int length));
            b.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
        }

        Assert.Equal(SctpState.Closed, b.State);
        Assert.Null(b.NextDeadline);
        int answers = 0;
        while (b.TryTakeTransmit(TimeSpan.Zero, buffer, out _))
            answers++;
        Assert.Equal(16, answers);
    }

    [Fact]
    public void Cookie_IsTakenOnlyUnchangedAndInTime()
    {
        // 1. Up to the cookie's echo.
        var (a, b) = (SctpPair.Create(1), SctpPair.Create(2));
        var buffer = new byte[1140];
        a.Connect(TimeSpan.Zero);
        Assert.True(a.TryTakeTransmit(TimeSpan.Zero, buffer, out int length));
        b.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
        Assert.True(b.TryTakeTransmit(TimeSpan.Zero, buffer, out length));
        a.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
        Assert.True(a.TryTakeTransmit(TimeSpan.Zero, buffer, out length));
        var echo = buffer[..length];
        Assert.Equal((byte)SctpChunkType.CookieEcho, echo[12]);

        // 2. Any other bit in the cookie, with a checksum to match.
        for (int bit = 16 * 8; bit < 8 * (16 + StateCookie.Length); bit++)
        {
            var changed = echo.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(8), Crc32c.OfPacket(changed));
            b.Receive(changed, TimeSpan.Zero);
            Assert.Equal(SctpState.Closed, b.State);
        }

        // 3. Too late, and then in time.
        b.Receive(echo, TimeSpan.FromSeconds(61));
        Assert.Equal(SctpState.Closed, b.State);
        Assert.True(b.TryTakeTransmit(TimeSpan.FromSeconds(61), buffer, out length));
        Assert.Equal((byte)SctpChunkType.Error, buffer[12]);
        b.Receive(echo, TimeSpan.FromSeconds(59));
        Assert.Equal(SctpState.Established, b.State);

        // 4. The stale cookie makes the other side begin again.
        a.Receive(buffer.AsSpan(0, length), TimeSpan.FromSeconds(61));
        Assert.Equal(SctpState.CookieWait, a.State);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(25)]
    public void StreamReset_GoesThrough_AfterAllThatWasSentBefore(int loss)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var pair = new SctpPair(seed) { Line = { Loss = loss / 100.0, Jitter = TimeSpan.FromMilliseconds(40) } };
            pair.Connect();
            Assert.True(pair.A.TrySend(4, 53, new byte[30_000]));
            Assert.True(pair.A.ResetStream(4));
            Assert.True(pair.A.TrySend(5, 53, [1]));
            Assert.True(pair.Run(() => pair.Events[0].Exists(e => e.Kind == SctpEventKind.StreamResetDone) && pair.Events[1].Exists(e => e.Kind == SctpEventKind.StreamReset), 200));
            var kinds = pair.Events[1].Select(e => (e.Kind, e.Stream)).ToList();
            Assert.True(kinds.IndexOf((SctpEventKind.Message, 4)) < kinds.IndexOf((SctpEventKind.StreamReset, 4)));
            // The stream begins anew, at sequence number 0.
            Assert.True(pair.A.TrySend(4, 53, [2]));
            Assert.True(pair.Run(() => pair.Count(1) == 3, 60));
            Assert.Single(pair.Events[1], e => e.Kind == SctpEventKind.StreamReset);
        }
    }

    [Fact]
    public void EveryTruncatedLength_AndEveryFlippedBit_OfAPacketIsDropped()
    {
        var pair = new SctpPair(1);
        pair.Connect();
        byte[]? data = null;
        pair.Passes = (to, bytes) =>
        {
            if (to == 1)
                data ??= bytes;
            return false;
        };
        Assert.True(pair.A.TrySend(1, 53, [1, 2, 3, 4, 5]));
        pair.Run(() => data is not null, 5);
        for (int part = 0; part < data!.Length; part++)
            pair.B.Receive(data.AsSpan(0, part), pair.Now);
        for (int bit = 0; bit < 8 * data.Length; bit++)
        {
            data[bit / 8] ^= (byte)(1 << (bit % 8));
            pair.B.Receive(data, pair.Now);
            data[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.False(pair.B.TryTakeEvent(out _));
        pair.B.Receive(data, pair.Now);
        Assert.True(pair.B.TryTakeEvent(out var message));
        Assert.Equal([1, 2, 3, 4, 5], message.Payload.ToArray());
    }

    [Fact]
    public void RandomChunks_UnderTheRightTag_NeverThrow_AndStayBounded()
    {
        var random = new Random(9260);
        for (int round = 0; round < 300; round++)
        {
            var pair = new SctpPair(round);
            byte[]? sample = null;
            pair.Passes = (to, bytes) =>
            {
                if (to == 1 && bytes[12] is not 1)
                    sample ??= bytes;
                return true;
            };
            pair.Connect();
            pair.B.TrySend(1, 53, new byte[5000]);
            var buffer = new byte[1140];
            for (int i = 0; i < 100; i++)
            {
                while (pair.B.TryTakeEvent(out _) | pair.B.TryTakeTransmit(pair.Now, buffer, out _))
                {
                }

                var packet = new byte[16 + random.Next(200)];
                random.NextBytes(packet);
                sample.AsSpan(0, 8).CopyTo(packet);
                packet[12] = (byte)(random.Next(8) == 0 ? 130 : random.Next(16));
                packet[13] &= 0x0F;
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), (ushort)random.Next(4, packet.Length - 11));
                BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(8), Crc32c.OfPacket(packet));
                pair.B.Receive(packet, pair.Now);
                pair.B.AdvanceTo(pair.Now + TimeSpan.FromMilliseconds(100 * i));
            }
        }
    }

    [Fact]
    public void GapReports_AreReadOnceInOrder_AndMayBeTakenBack()
    {
        var options = new SctpOptions();
        var outbound = new OutboundData(options, 1, 1_000_000, new RoundTripEstimate(options));
        Assert.True(outbound.TryAdd(1, 53, new byte[4 * options.MaxDataLength], ordered: true));
        var buffer = new byte[options.PacketSize];
        for (int i = 0; i < 4; i++)
        {
            var writer = new SctpPacketWriter(buffer, 1, 1, 1);
            outbound.Write(ref writer, TimeSpan.Zero);
            Assert.False(writer.IsEmpty);
        }

        Assert.Equal(4u, outbound.LastTsn);
        Assert.False(outbound.OnSack(Sack(5), TimeSpan.Zero)); // of what was never sent
        Assert.False(outbound.OnSack(Sack(0, (2, 3)).AsSpan(0, 12), TimeSpan.Zero)); // a block that is not there
        // 280 blocks, each of which covers everything: after the first they are out of order, and are not looked at.
        Assert.True(outbound.OnSack(Sack(0, [.. Enumerable.Repeat(((ushort)2, ushort.MaxValue), 280)]), TimeSpan.Zero));
        Assert.True(outbound.HasWork); // the first chunk was overtaken by three packets
        Assert.True(outbound.OnSack(Sack(0), TimeSpan.Zero)); // the receiver has thrown away what it had beyond the gap
        Assert.True(outbound.OnSack(Sack(0, (3, 2), (0, 0)), TimeSpan.Zero));
        Assert.Equal(4 * options.MaxDataLength, outbound.Buffered);
        Assert.True(outbound.OnSack(Sack(4), TimeSpan.Zero));
        Assert.True(outbound.IsEmpty);
        Assert.Equal((0, null), (outbound.Buffered, outbound.Deadline));
    }

    private static byte[] Sack(uint cumulative, params (ushort Start, ushort End)[] blocks)
    {
        var sack = new byte[12 + 4 * blocks.Length];
        BinaryPrimitives.WriteUInt32BigEndian(sack, cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(sack.AsSpan(4), 100_000);
        BinaryPrimitives.WriteUInt16BigEndian(sack.AsSpan(8), (ushort)blocks.Length);
        for (int i = 0; i < blocks.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(sack.AsSpan(12 + 4 * i), blocks[i].Start);
            BinaryPrimitives.WriteUInt16BigEndian(sack.AsSpan(14 + 4 * i), blocks[i].End);
        }

        return sack;
    }
}
