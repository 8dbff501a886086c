namespace VoiceCarnival.Protocols.Srtp;

/// <summary>How SRTP protects packets. The values are those of the DTLS extension use_srtp (RFC 5764, section 4.1.2; RFC 7714, section 14.2).</summary>
public enum SrtpProfile
{
    /// <summary>AES-128 in counter mode, HMAC-SHA1 with a tag of 80 bits. Everybody has it.</summary>
    AesCm128HmacSha1Tag80 = 1,

    /// <summary>The same with a tag of 32 bits on RTP; RTCP keeps 80.</summary>
    AesCm128HmacSha1Tag32 = 2,

    /// <summary>AES-128 in Galois/counter mode with a tag of 128 bits.</summary>
    AeadAes128Gcm = 7,
}
