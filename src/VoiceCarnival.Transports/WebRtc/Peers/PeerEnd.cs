namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>How a peer came to its end, when that was not our doing.</summary>
internal enum PeerEnd
{
    /// <summary>It never got through: no check of its came.</summary>
    NeverCame,

    /// <summary>The DTLS handshake failed.</summary>
    HandshakeFailed,

    /// <summary>It closed the data channel in order.</summary>
    HungUp,

    /// <summary>It is gone without that: a page that was left, a connection that was closed.</summary>
    Left,

    /// <summary>Nothing comes from it any more.</summary>
    Silent,

    /// <summary>It does not read what it is sent.</summary>
    TooSlow,

    /// <summary>It broke the rules of a protocol.</summary>
    Fault,
}
