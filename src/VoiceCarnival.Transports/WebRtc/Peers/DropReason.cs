namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>Why a datagram was not taken.</summary>
internal enum DropReason
{
    /// <summary>It is of no protocol that is spoken here.</summary>
    Unknown,

    /// <summary>It breaks the rules of its protocol.</summary>
    Malformed,

    /// <summary>It is nobody's: no fragment that we gave out, or no place that a peer has proved to be at.</summary>
    Stranger,

    /// <summary>Its signature or its tag does not fit.</summary>
    NotAuthentic,

    /// <summary>It came before, or is too old to tell.</summary>
    Replayed,

    /// <summary>It comes from a place that another call has.</summary>
    Taken,

    /// <summary>There are no keys yet to read it with.</summary>
    TooEarly,
}
