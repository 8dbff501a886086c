using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Stun;

/// <summary>96 bits that tie an answer to its request (RFC 8489, section 5). The caller draws them at random.</summary>
/// <param name="High">The first four bytes.</param>
/// <param name="Low">The other eight.</param>
public readonly record struct StunTransactionId(uint High, ulong Low)
{
    internal const int Length = 12;

    /// <summary>From twelve bytes.</summary>
    public static StunTransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]));

    internal void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, High);
        BinaryPrimitives.WriteUInt64BigEndian(to[4..], Low);
    }
}
