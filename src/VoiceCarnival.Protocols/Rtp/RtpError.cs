namespace VoiceCarnival.Protocols.Rtp;

/// <summary>Why bytes are not an RTP packet.</summary>
public enum RtpError
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They end before the header, its contributing sources or its extension do.</summary>
    Truncated,

    /// <summary>The version is not 2.</summary>
    WrongVersion,

    /// <summary>The padding is longer than what follows the header, or 0 bytes long.</summary>
    InvalidPadding,
}
