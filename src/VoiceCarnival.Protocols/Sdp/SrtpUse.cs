namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Whether audio of phones is encrypted, with keys in the SDP (RFC 4568).</summary>
public enum SrtpUse
{
    /// <summary>Never: what asks for it is refused.</summary>
    Never,

    /// <summary>When the peer offers it.</summary>
    WhenOffered,

    /// <summary>Always: what comes without is refused.</summary>
    Always,
}
