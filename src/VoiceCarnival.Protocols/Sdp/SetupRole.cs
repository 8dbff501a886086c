namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Who begins the DTLS handshake: <c>a=setup</c> (RFC 4145, RFC 5763).</summary>
public enum SetupRole
{
    /// <summary>Either; only in offers.</summary>
    ActPass,

    /// <summary>The writer: it is the DTLS client.</summary>
    Active,

    /// <summary>The other: the writer is the DTLS server.</summary>
    Passive,
}
