namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Why an association is over.</summary>
public enum SctpCloseReason
{
    /// <summary>Shut down in order, by either side.</summary>
    Shutdown,

    /// <summary>Aborted by us.</summary>
    Aborted,

    /// <summary>Aborted by the peer; a browser that closes its connection does this.</summary>
    AbortedByPeer,

    /// <summary>The peer answers no more.</summary>
    Timeout,

    /// <summary>The peer broke the rules.</summary>
    ProtocolViolation,
}
