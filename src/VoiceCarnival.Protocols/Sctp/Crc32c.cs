using System.Buffers.Binary;
using System.Numerics;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>CRC-32C (RFC 9260, appendix A), by the processor's instruction where it has one.</summary>
internal static class Crc32c
{
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Append(uint.MaxValue, bytes);

    /// <summary>Of an SCTP packet: as if its own field were zero.</summary>
    public static uint OfPacket(ReadOnlySpan<byte> packet)
    {
        uint crc = Append(uint.MaxValue, packet[..8]);
        crc = BitOperations.Crc32C(crc, 0u);
        return ~Append(crc, packet[12..]);
    }

    private static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
