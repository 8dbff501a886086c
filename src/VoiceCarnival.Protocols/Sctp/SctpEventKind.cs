namespace VoiceCarnival.Protocols.Sctp;

/// <summary>What an <see cref="SctpAssociation"/> tells.</summary>
public enum SctpEventKind
{
    /// <summary>Data flows.</summary>
    Connected,

    /// <summary>A message came.</summary>
    Message,

    /// <summary>The peer has reset a stream: it sends no more on it, and begins anew if it does.</summary>
    StreamReset,

    /// <summary>Our reset of a stream is through.</summary>
    StreamResetDone,

    /// <summary>The peer has begun anew: all streams are as at the start, and what was queued is lost.</summary>
    Restarted,

    /// <summary>The association is over.</summary>
    Closed,
}
