namespace VoiceCarnival.Protocols.Stun;

/// <summary>What a STUN message is in its exchange (RFC 8489, section 5).</summary>
public enum StunClass
{
    /// <summary>Wants an answer.</summary>
    Request = 0,

    /// <summary>Wants none.</summary>
    Indication = 1,

    /// <summary>It worked.</summary>
    Success = 2,

    /// <summary>It did not.</summary>
    Error = 3,
}
