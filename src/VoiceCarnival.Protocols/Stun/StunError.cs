namespace VoiceCarnival.Protocols.Stun;

/// <summary>Why bytes are not a STUN message.</summary>
public enum StunError
{
    /// <summary>They are one.</summary>
    None,

    /// <summary>They are shorter than the header, or longer than any message that is sent in a datagram.</summary>
    WrongLength,

    /// <summary>The first two bits or the magic cookie say that it is something else.</summary>
    NotStun,

    /// <summary>An attribute runs past the end, or the length is not that of the datagram.</summary>
    BrokenAttributes,

    /// <summary>The fingerprint does not fit.</summary>
    WrongFingerprint,
}
