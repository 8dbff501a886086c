namespace VoiceCarnival.Protocols.Sip.Digest;

/// <summary>Hashes for Digest authentication (RFC 7616, section 6.1; RFC 8760).</summary>
public enum DigestAlgorithm
{
    /// <summary>MD5: all that older peers have.</summary>
    Md5,

    /// <summary>SHA-256.</summary>
    Sha256,
}
