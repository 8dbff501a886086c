namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>The records of a datagram from outside, before the library sees them.</summary>
internal static class DtlsRecords
{
    private const byte ClientHello = 1;
    private const int ShortestHello = 12 + 34; // the message's header, the version and the random
    // The nonce and the tag of AES-GCM (RFC 5288, section 3), which all our cipher suites use.
    private const int ShortestEncrypted = 8 + 16;

    /// <summary>
    /// Whether an encrypted record is among them that is too short to be one. Those have to be dropped as all that is not genuine (RFC 6347, section 4.1.2.7), for anybody can send them in
    /// a peer's name; the library takes them for a fatal error of the peer's and ends the connection.
    /// </summary>
    public static bool HasForged(ReadOnlySpan<byte> datagram)
    {
        while (DtlsRecord.TryTake(ref datagram, out var record))
        {
            if (record is { IsEncrypted: true, Length: < ShortestEncrypted })
                return true;
        }

        return false;
    }

    /// <summary>Whether it begins with a ClientHello, or the first piece of one: what a handshake begins with.</summary>
    public static bool BeginsHandshake(ReadOnlySpan<byte> datagram) => DtlsRecord.TryTake(ref datagram, out var first)
        && first is { Type: DtlsRecord.Handshake, IsEncrypted: false, Length: >= ShortestHello } && first.Body.Length == first.Length
        && first.Body[0] == ClientHello && !first.Body.Slice(6, 3).ContainsAnyExcept((byte)0);

    /// <summary>Whether the first record is data, which comes after the handshake only.</summary>
    public static bool HasData(ReadOnlySpan<byte> datagram) => !datagram.IsEmpty && datagram[0] == DtlsRecord.Data;

    /// <summary>Whether a Finished is among the records, the last word of a flight: an encrypted message of the handshake. There is one in each copy of a flight.</summary>
    public static bool EndsFlight(ReadOnlySpan<byte> datagram)
    {
        while (DtlsRecord.TryTake(ref datagram, out var record))
        {
            if (record is { Type: DtlsRecord.Handshake, IsEncrypted: true })
                return true;
        }

        return false;
    }
}
