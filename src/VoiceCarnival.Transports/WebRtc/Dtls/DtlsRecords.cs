using System.Buffers.Binary;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>The records of a datagram from outside (RFC 6347, section 4.1), before the library sees them.</summary>
internal static class DtlsRecords
{
    private const byte HandshakeType = 22;
    private const byte DataType = 23;
    private const byte ClientHello = 1;
    private const int HeaderLength = 13;
    private const int ShortestHello = HeaderLength + 12 + 32; // with the client's random
    private const int EpochAt = 3;
    private const int LengthAt = 11;
    // The nonce and the tag of AES-GCM (RFC 5288, section 3), which all our cipher suites use.
    private const int ShortestEncrypted = 8 + 16;

    /// <summary>
    /// Whether an encrypted record is among them that is too short to be one. Those have to be dropped as all that is not genuine (section 4.1.2.7), for anybody can send them in a peer's
    /// name; the library takes them for a fatal error of the peer's and ends the connection.
    /// </summary>
    public static bool HasForged(ReadOnlySpan<byte> datagram)
    {
        while (datagram.Length >= HeaderLength)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[LengthAt..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(datagram[EpochAt..]) != 0 && length < ShortestEncrypted)
                return true;
            datagram = datagram[Math.Min(datagram.Length, HeaderLength + length)..];
        }

        return false;
    }

    /// <summary>Whether it begins with a ClientHello, or the first piece of one: what a handshake begins with.</summary>
    public static bool BeginsHandshake(ReadOnlySpan<byte> datagram) => datagram.Length > ShortestHello && datagram[0] == HandshakeType && datagram[1] == 0xFE
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[EpochAt..]) == 0 && BinaryPrimitives.ReadUInt16BigEndian(datagram[LengthAt..]) <= datagram.Length - HeaderLength
        && datagram[HeaderLength] == ClientHello && !datagram.Slice(HeaderLength + 6, 3).ContainsAnyExcept((byte)0);

    /// <summary>Whether the first record is data, which comes after the handshake only.</summary>
    public static bool HasData(ReadOnlySpan<byte> datagram) => !datagram.IsEmpty && datagram[0] == DataType;

    /// <summary>Whether a Finished is among the records, the last word of a flight: an encrypted message of the handshake. There is one in each copy of a flight.</summary>
    public static bool EndsFlight(ReadOnlySpan<byte> datagram)
    {
        while (datagram.Length >= HeaderLength)
        {
            if (datagram[0] == HandshakeType && BinaryPrimitives.ReadUInt16BigEndian(datagram[EpochAt..]) != 0)
                return true;
            datagram = datagram[Math.Min(datagram.Length, HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(datagram[LengthAt..]))..];
        }

        return false;
    }
}
