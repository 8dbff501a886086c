using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Rtp;

/// <summary>The head of an RTP packet (RFC 3550, section 5.1).</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |                           timestamp                           |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |           synchronisation source (SSRC) identifier            |
/// +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
/// |       contributing source (CSRC) identifiers, 0 to 15         |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |    X: extension profile       |  length in 32-bit words, data |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
public readonly record struct RtpHeader
{
    /// <summary>Bytes of a header without contributing sources and extension.</summary>
    public const int FixedLength = 12;

    /// <summary>The most contributing sources that four bits count.</summary>
    public const int MaxCsrcs = 15;

    internal const byte VersionBits = 0x80;
    internal const byte PaddingBit = 0x20;
    internal const byte ExtensionBit = 0x10;
    private const byte MarkerBit = 0x80;

    /// <summary>For audio: the first packet after a silence (RFC 3551, section 4.1).</summary>
    public bool Marker { get; init; }

    /// <summary>What the payload is.</summary>
    public PayloadType PayloadType { get; init; }

    /// <summary>Which packet of its stream this is.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>When its first sample was taken, in units of the payload's clock.</summary>
    public uint Timestamp { get; init; }

    /// <summary>Whose stream it belongs to.</summary>
    public Ssrc Ssrc { get; init; }

    /// <summary>How many contributing sources follow. Set by reading.</summary>
    public int CsrcCount { get; private init; }

    /// <summary>The packet ends in padding. Set by reading.</summary>
    public bool HasPadding { get; private init; }

    /// <summary>Where the extension's data begins; 0 when there is none. Set by reading.</summary>
    public int ExtensionOffset { get; private init; }

    /// <summary>Bytes of the extension's data. Set by reading.</summary>
    public int ExtensionLength { get; private init; }

    /// <summary>Bytes of the whole header: the payload, encrypted or not, follows it. Set by reading.</summary>
    public int Length { get; private init; }

    /// <summary>Reads a header. What follows may be encrypted and is not looked at.</summary>
    public static RtpError TryRead(ReadOnlySpan<byte> packet, out RtpHeader header)
    {
        header = default;
        if (packet.Length < FixedLength)
            return RtpError.Truncated;
        if ((packet[0] & 0xC0) != VersionBits)
            return RtpError.WrongVersion;
        int csrcs = packet[0] & 0x0F;
        int length = FixedLength + 4 * csrcs;
        int extensionOffset = 0, extensionLength = 0;
        if ((packet[0] & ExtensionBit) != 0)
        {
            if (packet.Length < length + 4)
                return RtpError.Truncated;
            extensionOffset = length + 4;
            extensionLength = 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(length + 2)..]);
            length = extensionOffset + extensionLength;
        }

        if (packet.Length < length)
            return RtpError.Truncated;
        header = new RtpHeader
        {
            Marker = (packet[1] & MarkerBit) != 0,
            PayloadType = new PayloadType((byte)(packet[1] & PayloadType.Highest)),
            Sequence = new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(packet[2..])),
            Timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]),
            Ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet[8..])),
            CsrcCount = csrcs,
            HasPadding = (packet[0] & PaddingBit) != 0,
            ExtensionOffset = extensionOffset,
            ExtensionLength = extensionLength,
            Length = length,
        };
        return RtpError.None;
    }

    /// <summary>Writes the fixed part, <see cref="FixedLength"/> bytes, with neither sources nor extension nor padding.</summary>
    /// <exception cref="ArgumentException">There is not that much room.</exception>
    public void Write(Span<byte> to)
    {
        if (to.Length < FixedLength)
            throw new ArgumentException("An RTP header takes 12 bytes.", nameof(to));
        to[0] = VersionBits;
        to[1] = (byte)((Marker ? MarkerBit : 0) | (PayloadType.Value & PayloadType.Highest));
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], Sequence.Value);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], Ssrc.Value);
    }
}
