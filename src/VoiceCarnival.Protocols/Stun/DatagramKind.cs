namespace VoiceCarnival.Protocols.Stun;

/// <summary>What shares a port with what (RFC 7983, section 7; RTCP apart from RTP by RFC 5761, section 4).</summary>
public enum DatagramKind
{
    /// <summary>Nothing we know: drop it.</summary>
    Unknown,

    /// <summary>First byte 0 to 3.</summary>
    Stun,

    /// <summary>First byte 20 to 63.</summary>
    Dtls,

    /// <summary>First byte 128 to 191.</summary>
    Rtp,

    /// <summary>The same, and a second byte of 192 to 223.</summary>
    Rtcp,
}
