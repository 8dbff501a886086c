using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>A compound RTCP packet: some packets in one datagram, the first of them a report (RFC 3550, section 6.1). A view of the bytes it was read from.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|  count  |     type      | length in 32-bit words less 1 |   each packet's head
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// </code>
/// </remarks>
public readonly ref struct RtcpCompound
{
    internal const int HeaderLength = 4;
    internal const byte VersionBits = 0x80;
    private const byte PaddingBit = 0x20;
    private const byte CountBits = 0x1F;
    private readonly ReadOnlySpan<byte> _bytes;

    private RtcpCompound(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Checks the whole (RFC 3550, appendix A.2): either all of it can be read or none.</summary>
    public static RtcpError TryRead(ReadOnlySpan<byte> bytes, out RtcpCompound compound)
    {
        compound = default;
        var rest = bytes;
        do
        {
            if (rest.Length < HeaderLength)
                return RtcpError.Truncated;
            if ((rest[0] & 0xC0) != VersionBits)
                return RtcpError.WrongVersion;
            if (rest.Length == bytes.Length && (RtcpPacketType)rest[1] is not (RtcpPacketType.SenderReport or RtcpPacketType.ReceiverReport))
                return RtcpError.NoReport;
            int length = LengthOf(rest);
            if (length > rest.Length)
                return RtcpError.Truncated;
            if ((rest[0] & PaddingBit) != 0)
            {
                int padding = rest[length - 1];
                if (length != rest.Length || padding == 0 || padding % 4 != 0 || padding > length - HeaderLength)
                    return RtcpError.InvalidPadding;
            }

            rest = rest[length..];
        }
        while (rest.Length > 0);
        compound = new RtcpCompound(bytes);
        return RtcpError.None;
    }

    /// <summary>Goes through the packets.</summary>
    public Enumerator GetEnumerator() => new(_bytes);

    private static int LengthOf(ReadOnlySpan<byte> packet) => HeaderLength + 4 * BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);

    /// <summary>Goes through the packets.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> bytes) => _rest = bytes;

        /// <summary>Where the enumeration stands.</summary>
        public RtcpPacket Current { get; private set; }

        /// <summary>On to the next packet.</summary>
        public bool MoveNext()
        {
            if (_rest.Length == 0)
                return false;
            int length = LengthOf(_rest);
            int padding = (_rest[0] & PaddingBit) != 0 ? _rest[length - 1] : 0;
            Current = new RtcpPacket((RtcpPacketType)_rest[1], _rest[0] & CountBits, _rest[HeaderLength..(length - padding)]);
            _rest = _rest[length..];
            return true;
        }
    }
}
