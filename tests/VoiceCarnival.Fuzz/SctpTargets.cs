using System.Buffers.Binary;
using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Fuzz;

/// <summary>Targets for SCTP beyond single packets: long sequences of them, of which neither what is held nor what is sent may grow without bound.</summary>
internal static class SctpTargets
{
    private const int PacketSize = 1140;
    private const int MaxPackets = 200;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(7);

    public static IReadOnlyList<Target> All { get; } =
    [
        new("sctp-session", ReadSession, [.. Sessions()]),
        new("sctp-line", ReadLine, [Fates(0), Fates(0x40), Fates(0x80), [.. Enumerable.Range(0, 256).Select(i => (byte)(i * 37))]]),
    ];

    /// <summary>
    /// The input is a script of chunks, each by an instruction of eight bytes: kind, flags, stream, sequence, TSN from the first, length, count, time. They come
    /// to an association under way with right tag and checksum.
    /// </summary>
    private static void ReadSession(byte[] script)
    {
        var options = new SctpOptions { ReceiveBuffer = 64 * 1024, SendBuffer = 64 * 1024, MaxMessageSize = 16 * 1024 };
        var (_, server, channels) = Connected(options, out uint tag, out uint tsn, out uint ownTsn);
        var now = TimeSpan.Zero;
        var buffer = new byte[PacketSize];
        for (var rest = script.AsSpan(); rest.Length >= 8; rest = rest[8..])
        {
            int count = 1 + rest[6] % 16;
            for (int i = 0; i < count; i++)
            {
                var writer = new SctpPacketWriter(buffer, 5000, 5000, tag);
                WriteChunk(ref writer, rest, tsn + rest[4] + (uint)i, ownTsn);
                server.Receive(buffer.AsSpan(0, writer.Finish()), now);
            }

            now += Step * rest[7];
            server.AdvanceTo(now);
            if ((rest[7] & 1) == 0)
                Drain(channels);
            if ((rest[7] & 2) == 0)
                channels.TrySendText(1, rest[..8]);
            RequireSilence(server, now);
            if (server.Window is < 0 or > 64 * 1024 || server.BufferedAmount is < 0 or > 64 * 1024)
                throw new InvalidOperationException("More is held than there is room for, or less than nothing.");
        }
    }

    /// <summary>The input is the fate of each datagram between two associations: passed, lost, doubled, late, changed in a byte, or changed with a checksum to match.</summary>
    private static void ReadLine(byte[] fates)
    {
        var options = new SctpOptions { MaxMessageSize = 64 * 1024 };
        var (client, server, channels) = Connected(options, out _, out _, out _);
        SctpAssociation[] sides = [client, server];
        var late = new Queue<(int To, byte[] Datagram)>();
        var now = TimeSpan.Zero;
        var buffer = new byte[PacketSize];
        int at = 0;
        client.TrySend(0, 53, new byte[20_000]);
        client.TrySend(2, 53, new byte[300], ordered: false);
        server.TrySend(1, 53, new byte[20_000]);
        client.ResetStream(0);
        while (at < fates.Length)
        {
            for (int side = 0; side < 2; side++)
            {
                for (int packets = 0; at < fates.Length && sides[side].TryTakeTransmit(now, buffer, out int length); packets++)
                {
                    if (packets > MaxPackets)
                        throw new InvalidOperationException("An endless stream of packets.");
                    Pass(sides[1 - side], 1 - side, buffer.AsSpan(0, length).ToArray(), fates[at++]);
                }
            }

            while (late.TryDequeue(out var datagram))
                sides[datagram.To].Receive(datagram.Datagram, now);
            now += Step;
            client.AdvanceTo(now);
            server.AdvanceTo(now);
            while (client.TryTakeEvent(out _))
            {
            }

            Drain(channels);
            if (now > TimeSpan.FromSeconds(200))
                return;
        }

        void Pass(SctpAssociation to, int side, byte[] datagram, byte fate)
        {
            switch (fate >> 5)
            {
                case 1 or 2:
                    return;
                case 3:
                    to.Receive(datagram, now);
                    break;
                case 4:
                    late.Enqueue((side, datagram));
                    return;
                case 5:
                    datagram[fate * 7 % datagram.Length] ^= fate;
                    break;
                case 6:
                    datagram[12 + fate * 7 % (datagram.Length - 12)] ^= fate;
                    BinaryPrimitives.WriteUInt32LittleEndian(datagram.AsSpan(8), Crc32c.OfPacket(datagram));
                    break;
            }

            to.Receive(datagram, now);
        }
    }

    private static void WriteChunk(ref SctpPacketWriter writer, ReadOnlySpan<byte> instruction, uint tsn, uint ownTsn)
    {
        var type = (SctpChunkType)(instruction[0] % 17 == 16 ? 130 : instruction[0] % 17);
        int length = instruction[5] * 4;
        if (!writer.TryAdd(type, (byte)(instruction[1] & 0x0F), length, out var body))
            return;
        body.Fill(instruction[5]);
        switch (type)
        {
            case SctpChunkType.Data when length >= 12:
                BinaryPrimitives.WriteUInt32BigEndian(body, tsn);
                BinaryPrimitives.WriteUInt16BigEndian(body[4..], (ushort)(instruction[2] % 4));
                BinaryPrimitives.WriteUInt16BigEndian(body[6..], instruction[3]);
                BinaryPrimitives.WriteUInt32BigEndian(body[8..], (uint)(50 + instruction[3] % 8));
                break;
            case SctpChunkType.Sack when length >= 12:
                BinaryPrimitives.WriteUInt32BigEndian(body, ownTsn - 1 + instruction[4] % 4u);
                BinaryPrimitives.WriteUInt32BigEndian(body[4..], (uint)instruction[3] << 8);
                BinaryPrimitives.WriteUInt16BigEndian(body[8..], (ushort)(instruction[2] % 4));
                BinaryPrimitives.WriteUInt16BigEndian(body[10..], 0);
                break;
            case SctpChunkType.ReConfig when length >= 20:
                SctpParameter.WriteHeader(body, (ushort)(13 + instruction[2] % 4), length - 4);
                BinaryPrimitives.WriteUInt32BigEndian(body[4..], tsn);
                BinaryPrimitives.WriteUInt32BigEndian(body[12..], tsn);
                break;
        }
    }

    private static (SctpAssociation Client, SctpAssociation Server, DataChannels Channels) Connected(SctpOptions options, out uint tag, out uint tsn, out uint ownTsn)
    {
        var client = new SctpAssociation(options, new byte[SctpAssociation.EntropyLength]);
        var server = new SctpAssociation(options, Enumerable.Repeat((byte)1, SctpAssociation.EntropyLength).ToArray());
        var channels = new DataChannels(server, isDtlsClient: false);
        var buffer = new byte[PacketSize];
        (tag, tsn, ownTsn) = (0, 0, 0);
        client.Connect(TimeSpan.Zero);
        for (int i = 0; i < 4; i++)
        {
            if (client.TryTakeTransmit(TimeSpan.Zero, buffer, out int length))
            {
                if (i == 0)
                    tsn = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(28));
                tag = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
                server.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
            }

            if (server.TryTakeTransmit(TimeSpan.Zero, buffer, out length))
            {
                if (i == 0)
                    ownTsn = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(28));
                client.Receive(buffer.AsSpan(0, length), TimeSpan.Zero);
            }
        }

        Drain(channels);
        channels.TryOpen("x");
        return (client, server, channels);
    }

    private static void Drain(DataChannels channels)
    {
        while (channels.TryTakeEvent(out _))
        {
        }
    }

    private static void RequireSilence(SctpAssociation association, TimeSpan now)
    {
        var buffer = new byte[PacketSize];
        for (int packets = 0; association.TryTakeTransmit(now, buffer, out _); packets++)
        {
            if (packets > MaxPackets)
                throw new InvalidOperationException("An endless stream of packets.");
        }
    }

    /// <summary>Messages in pieces with gaps, SACKs, resets, heartbeats, a shutdown.</summary>
    private static IEnumerable<byte[]> Sessions()
    {
        yield return [0, 3, 1, 0, 0, 30, 5, 1, 0, 2, 1, 6, 6, 30, 0, 1, 0, 0, 1, 6, 7, 30, 3, 4, 0, 1, 1, 6, 11, 30, 0, 8];
        yield return [3, 0, 1, 255, 1, 6, 0, 20, 16, 0, 0, 0, 0, 6, 0, 60, 4, 0, 0, 0, 0, 4, 0, 1, 7, 0, 0, 0, 0, 2, 0, 1];
        yield return [0, 7, 2, 9, 3, 200, 15, 1, 0, 3, 2, 1, 1, 9, 0, 0, 16, 0, 0, 0, 20, 6, 0, 1, 14, 0, 0, 0, 0, 1, 0, 1];
    }

    private static byte[] Fates(byte every7th) => [.. Enumerable.Range(0, 160).Select(i => i % 7 == 6 ? every7th : (byte)0)];
}
