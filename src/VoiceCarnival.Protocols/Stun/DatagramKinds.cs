namespace VoiceCarnival.Protocols.Stun;

/// <summary>Tells datagrams on a shared port apart.</summary>
public static class DatagramKinds
{
    /// <summary>Looks at the first two bytes. ZRTP (16 to 19) and TURN channels (64 to 79) are unknown here.</summary>
    public static DatagramKind Of(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < 2)
            return DatagramKind.Unknown;
        return datagram[0] switch
        {
            <= 3 => DatagramKind.Stun,
            >= 20 and <= 63 => DatagramKind.Dtls,
            >= 128 and <= 191 => datagram[1] is >= 192 and <= 223 ? DatagramKind.Rtcp : DatagramKind.Rtp,
            _ => DatagramKind.Unknown,
        };
    }
}
