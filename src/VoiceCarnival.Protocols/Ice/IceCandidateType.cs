namespace VoiceCarnival.Protocols.Ice;

/// <summary>Where a candidate comes from (RFC 8445, section 5.1.1).</summary>
public enum IceCandidateType
{
    /// <summary>An address of the machine.</summary>
    Host,

    /// <summary>What a STUN server saw.</summary>
    ServerReflexive,

    /// <summary>What the peer saw.</summary>
    PeerReflexive,

    /// <summary>An address of a TURN server.</summary>
    Relay,
}
