namespace VoiceCarnival.Protocols.Stun;

/// <summary>Attributes of STUN messages (RFC 8489, section 18.3; RFC 8445, section 16.1). Those below 0x8000 must be understood.</summary>
public enum StunAttributeType : ushort
{
    /// <summary>No attribute.</summary>
    None = 0,

    /// <summary>An address in the clear.</summary>
    MappedAddress = 0x0001,

    /// <summary>Whose key; in ICE the fragments of both, receiver's first.</summary>
    Username = 0x0006,

    /// <summary>HMAC-SHA1 of what is before it.</summary>
    MessageIntegrity = 0x0008,

    /// <summary>A number and a reason.</summary>
    ErrorCode = 0x0009,

    /// <summary>What was not understood of a request.</summary>
    UnknownAttributes = 0x000A,

    /// <summary>Domain of long-term credentials.</summary>
    Realm = 0x0014,

    /// <summary>Of long-term credentials.</summary>
    Nonce = 0x0015,

    /// <summary>HMAC-SHA256 of what is before it.</summary>
    MessageIntegritySha256 = 0x001C,

    /// <summary>An address, masked against meddling routers.</summary>
    XorMappedAddress = 0x0020,

    /// <summary>ICE: the priority a peer-reflexive candidate would have.</summary>
    Priority = 0x0024,

    /// <summary>ICE: this pair is the one.</summary>
    UseCandidate = 0x0025,

    /// <summary>Name and version of the program.</summary>
    Software = 0x8022,

    /// <summary>CRC-32, to tell STUN from what else comes.</summary>
    Fingerprint = 0x8028,

    /// <summary>ICE: the sender takes itself for the controlled one.</summary>
    IceControlled = 0x8029,

    /// <summary>ICE: the sender takes itself for the controlling one.</summary>
    IceControlling = 0x802A,
}
