namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>Why bytes are not a compound RTCP packet.</summary>
public enum RtcpError
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They end before the last packet does.</summary>
    Truncated,

    /// <summary>A version is not 2.</summary>
    WrongVersion,

    /// <summary>The first packet is no report.</summary>
    NoReport,

    /// <summary>Padding on another packet than the last, or more of it than there is packet.</summary>
    InvalidPadding,
}
