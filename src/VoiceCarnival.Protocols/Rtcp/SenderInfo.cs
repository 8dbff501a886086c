using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>What a sender reports of its own stream (RFC 3550, section 6.4.1).</summary>
/// <param name="Time">When the report was sent.</param>
/// <param name="RtpTimestamp">The same moment by the stream's clock.</param>
/// <param name="Packets">Packets sent.</param>
/// <param name="Octets">Payload bytes sent.</param>
public readonly record struct SenderInfo(NtpTimestamp Time, uint RtpTimestamp, uint Packets, uint Octets)
{
    internal const int Length = 20;

    internal static SenderInfo Read(ReadOnlySpan<byte> bytes) => new(
        new NtpTimestamp(BinaryPrimitives.ReadUInt64BigEndian(bytes)),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    internal void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, Time.Value);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], RtpTimestamp);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], Packets);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], Octets);
    }
}
