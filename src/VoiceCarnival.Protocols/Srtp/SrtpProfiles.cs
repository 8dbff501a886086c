namespace VoiceCarnival.Protocols.Srtp;

/// <summary>The sizes that go with each profile.</summary>
public static class SrtpProfiles
{
    /// <summary>Bytes of a master key; the same in all.</summary>
    public const int KeyLength = 16;

    /// <summary>Bytes of the 31-bit index behind an SRTCP packet.</summary>
    internal const int RtcpIndexLength = 4;

    /// <summary>The name in SDP (RFC 4568, section 6.2; RFC 7714, section 14.1).</summary>
    public static string Name(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AesCm128HmacSha1Tag80 => "AES_CM_128_HMAC_SHA1_80",
        SrtpProfile.AesCm128HmacSha1Tag32 => "AES_CM_128_HMAC_SHA1_32",
        SrtpProfile.AeadAes128Gcm => "AEAD_AES_128_GCM",
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };

    /// <summary>The profile of that name in SDP, or null.</summary>
    public static SrtpProfile? Find(ReadOnlySpan<char> name) => name switch
    {
        "AES_CM_128_HMAC_SHA1_80" => SrtpProfile.AesCm128HmacSha1Tag80,
        "AES_CM_128_HMAC_SHA1_32" => SrtpProfile.AesCm128HmacSha1Tag32,
        "AEAD_AES_128_GCM" => SrtpProfile.AeadAes128Gcm,
        _ => null,
    };

    /// <summary>Bytes of a master salt.</summary>
    public static int SaltLength(this SrtpProfile profile) => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

    /// <summary>Bytes by which an RTP packet grows.</summary>
    public static int RtpOverhead(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AesCm128HmacSha1Tag80 => 10,
        SrtpProfile.AesCm128HmacSha1Tag32 => 4,
        _ => 16,
    };

    /// <summary>Bytes by which an RTCP packet grows: its tag and its index.</summary>
    public static int RtcpOverhead(this SrtpProfile profile) => RtcpIndexLength + (profile == SrtpProfile.AeadAes128Gcm ? 16 : 10);

    /// <summary>Bytes to ask of the DTLS exporter: two keys and two salts (RFC 5764, section 4.2).</summary>
    public static int ExportedLength(this SrtpProfile profile) => 2 * (KeyLength + profile.SaltLength());
}
