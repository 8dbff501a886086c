using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>How a source is received (RFC 3550, section 6.4.1).</summary>
/// <param name="Source">Whose packets.</param>
/// <param name="FractionLost">Lost since the last report, of 256.</param>
/// <param name="CumulativeLost">Lost since the beginning; negative when duplicates outnumber losses. 24 bits.</param>
/// <param name="HighestSequence">Highest sequence number, with the count of rounds in the upper half.</param>
/// <param name="Jitter">Mean deviation of the arrival times, in units of the payload's clock.</param>
/// <param name="LastReport">Middle of the NTP time in the last sender report from the source; 0 when there was none.</param>
/// <param name="DelaySinceLastReport">From the arrival of that report to this one, in units of 1/65536 s.</param>
public readonly record struct ReportBlock(
    Ssrc Source, byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter, uint LastReport, uint DelaySinceLastReport)
{
    /// <summary>Bytes of a block.</summary>
    public const int Length = 24;

    internal static ReportBlock Read(ReadOnlySpan<byte> bytes) => new(
        new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) << 8 >> 8,
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));

    internal void Write(Span<byte> to)
    {
        const int Most = (1 << 23) - 1;
        BinaryPrimitives.WriteUInt32BigEndian(to, Source.Value);
        BinaryPrimitives.WriteInt32BigEndian(to[4..], Math.Clamp(CumulativeLost, -Most - 1, Most));
        to[4] = FractionLost;
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(to[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(to[16..], LastReport);
        BinaryPrimitives.WriteUInt32BigEndian(to[20..], DelaySinceLastReport);
    }
}
