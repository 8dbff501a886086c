namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Whether audio of phones is encrypted, with keys in the SDP (RFC 4568).</summary>
public enum SrtpUse
{
    /// <summary>Never: what asks for it is refused.</summary>
    Never,

    /// <summary>When the peer offers it.</summary>
    WhenOffered,

    /// <summary>When the peer offers it over TLS. Over UDP and TCP, where the keys are to be read on the way, what asks for it is refused.</summary>
    OverTls,

    /// <summary>Always: what comes without is refused.</summary>
    Always,
}
