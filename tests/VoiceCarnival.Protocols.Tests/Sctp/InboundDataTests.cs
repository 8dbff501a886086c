using System.Buffers.Binary;
using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Protocols.Tests.Sctp;

public sealed class InboundDataTests
{
    private const byte Middle = 0;
    private const byte End = 1;
    private const byte Begin = 2;
    private const byte Whole = Begin | End;
    private const byte Unordered = 4;

    [Fact]
    public void LossOnOneStream_DoesNotHoldAnother()
    {
        var inbound = new InboundData(new SctpOptions(), 1);
        Assert.True(inbound.Receive(Begin, Data(1, 1, 0, 0x10)));
        // 2, the end of the message of stream 1, is lost.
        Assert.True(inbound.Receive(Whole, Data(3, 1, 1, 0x11)));
        Assert.True(inbound.Receive(Begin, Data(4, 2, 0, 0x20)));
        Assert.True(inbound.Receive(End, Data(5, 2, 0, 0x21)));
        Assert.True(inbound.Receive(Whole, Data(6, 2, 1, 0x22)));
        Assert.Equal([(2, "2021"), (2, "22")], Taken(inbound));
        Assert.Equal(1u, inbound.Cumulative);
        Assert.True(inbound.Receive(End, Data(2, 1, 0, 0x12)));
        Assert.Equal([(1, "1012"), (1, "11")], Taken(inbound));
        Assert.Equal(6u, inbound.Cumulative);
    }

    [Fact]
    public void UnorderedMessage_IsThereAtOnce()
    {
        var inbound = new InboundData(new SctpOptions(), 1);
        Assert.True(inbound.Receive(Whole, Data(2, 1, 1, 0x11)));
        Assert.True(inbound.Receive(Begin | Unordered, Data(4, 1, 0, 0x12)));
        Assert.True(inbound.Receive(End | Unordered, Data(5, 1, 0, 0x13)));
        Assert.True(inbound.Receive(Whole | Unordered, Data(9, 1, 77, 0x14)));
        Assert.Equal([(1, "1213"), (1, "14")], Taken(inbound));
        Assert.True(inbound.Receive(Whole, Data(1, 1, 0, 0x10)));
        Assert.Equal([(1, "10"), (1, "11")], Taken(inbound));
    }

    [Fact]
    public void AnyOrderOfArrival_GivesEachStreamItsMessagesInOrder()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var chunks = new List<(byte Flags, byte[] Body)>();
            var sequences = new ushort[3];
            var expected = new List<(int, string)>();
            // Across the wrap of TSNs.
            uint first = uint.MaxValue - 20, tsn = first;
            for (int message = 0; message < 40; message++)
            {
                int stream = random.Next(3);
                int pieces = random.Next(4) == 0 ? random.Next(2, 8) : 1;
                for (int piece = 0; piece < pieces; piece++)
                {
                    byte flags = (byte)((piece == 0 ? Begin : 0) | (piece == pieces - 1 ? End : 0));
                    chunks.Add((flags, Data(tsn++, (ushort)stream, sequences[stream], (byte)message)));
                }

                sequences[stream]++;
                expected.Add((stream, string.Concat(Enumerable.Repeat(message.ToString("X2", null), pieces))));
            }

            var inbound = new InboundData(new SctpOptions(), first);
            var received = new List<(int Stream, string Hex)>();
            foreach (var (flags, body) in chunks.Concat(chunks.Take(20)).OrderBy(_ => random.Next()))
            {
                Assert.True(inbound.Receive(flags, body));
                received.AddRange(Taken(inbound));
            }

            Assert.Equal(tsn - 1, inbound.Cumulative);
            Assert.Equal(new SctpOptions().ReceiveBuffer, inbound.Window);
            for (int stream = 0; stream < 3; stream++)
                Assert.Equal(expected.Where(m => m.Item1 == stream), received.Where(m => m.Stream == stream));
        }
    }

    [Theory]
    [InlineData(Begin, 0, Begin, 0)] // a message begins inside another
    [InlineData(Whole, 0, End, 0)] // a piece after a message's end
    [InlineData(Begin, 0, End, 1)] // a piece of the next message of the stream
    [InlineData(Begin, 0, End | Unordered, 0)]
    [InlineData(Middle, 0, End, 0)] // the very first piece is no beginning
    public void PiecesThatContradict_AreRefused(byte flags, ushort sequence, byte nextFlags, ushort nextSequence)
    {
        var inbound = new InboundData(new SctpOptions(), 1);
        Assert.False(inbound.Receive(flags, Data(1, 1, sequence, 1)) && inbound.Receive(nextFlags, Data(2, 1, nextSequence, 2)));
        // The other way round, it is the earlier one that does not fit.
        inbound = new InboundData(new SctpOptions(), 1);
        Assert.False(inbound.Receive(nextFlags, Data(2, 1, nextSequence, 2)) && inbound.Receive(flags, Data(1, 1, sequence, 1)));
    }

    [Fact]
    public void WhateverIsHeld_StaysBounded()
    {
        var options = new SctpOptions { ReceiveBuffer = 20_000, MaxMessageSize = 10_000 };
        // 1. Beyond a gap only what there is room for is taken.
        var inbound = new InboundData(options, 1);
        for (uint tsn = 3; tsn < 10_000; tsn += 2)
            Assert.True(inbound.Receive(Middle, Data(tsn, 1, 0, new byte[50])));
        Assert.InRange(inbound.Window, 0, 150);
        Assert.False(inbound.TryTake(out _));

        // 2. Sequence numbers that leave some out hold nothing: nothing is missing that could still come.
        inbound = new InboundData(options, 1);
        for (uint tsn = 1; tsn < 1000; tsn++)
        {
            Assert.True(inbound.Receive(Whole, Data(tsn, 1, (ushort)(7 * tsn), new byte[1000])));
            Assert.True(inbound.TryTake(out _));
        }

        Assert.Equal(20_000, inbound.Window);

        // 3. A message without end is refused once it is too long.
        inbound = new InboundData(options, 1);
        Assert.True(inbound.Receive(Begin, Data(1, 1, 0, new byte[1000])));
        uint next = 2;
        while (inbound.Receive(Middle, Data(next, 1, 0, new byte[1000])))
            next++;
        Assert.Equal(11u, next);

        // 4. Messages that nobody takes stop the rest, but for what would complete one.
        inbound = new InboundData(options, 1);
        for (uint tsn = 1; tsn < 100; tsn++)
            Assert.True(inbound.Receive(Whole, Data(tsn, 1, (ushort)(tsn - 1), new byte[1000])));
        Assert.Equal(0, inbound.Window);
        Assert.Equal(19u, inbound.Cumulative);
    }

    [Fact]
    public void Sack_TellsExactlyWhatHasCome()
    {
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            var inbound = new InboundData(new SctpOptions(), 1);
            var received = new HashSet<int>();
            int count = random.Next(1, 60);
            for (int i = 0; i < count; i++)
            {
                int tsn = random.Next(1, 100);
                Assert.True(inbound.Receive(Whole, Data((uint)tsn, (ushort)tsn, 0, 1)));
                received.Add(tsn);
            }

            var buffer = new byte[1140];
            var writer = new SctpPacketWriter(buffer, 1, 1, 1);
            inbound.WriteSack(ref writer);
            Assert.True(SackChunk.TryRead(buffer.AsSpan(16, writer.Length - 16), out var sack));
            var told = new HashSet<int>(Enumerable.Range(1, (int)sack.Cumulative));
            for (var blocks = sack.Blocks; blocks.Length > 0; blocks = blocks[4..])
            {
                int start = BinaryPrimitives.ReadUInt16BigEndian(blocks), end = BinaryPrimitives.ReadUInt16BigEndian(blocks[2..]);
                Assert.InRange(start, 2, end);
                Assert.DoesNotContain((int)sack.Cumulative + start - 1, told);
                told.UnionWith(Enumerable.Range((int)sack.Cumulative + start, end - start + 1));
            }

            Assert.True(told.SetEquals(received));
        }
    }

    private static List<(int Stream, string Hex)> Taken(InboundData inbound)
    {
        var taken = new List<(int, string)>();
        while (inbound.TryTake(out var message))
            taken.Add((message.Stream, Convert.ToHexString(message.Payload.Span)));
        return taken;
    }

    private static byte[] Data(uint tsn, ushort stream, ushort sequence, params byte[] data)
    {
        var body = new byte[12 + data.Length];
        BinaryPrimitives.WriteUInt32BigEndian(body, tsn);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(4), stream);
        BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(6), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(8), 53);
        data.CopyTo(body, 12);
        return body;
    }
}
