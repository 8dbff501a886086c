namespace VoiceCarnival.Protocols.Srtp;

/// <summary>Why a packet was not protected or unprotected.</summary>
public enum SrtpError
{
    /// <summary>It was.</summary>
    None,

    /// <summary>It is too short for what it should be, or no RTP or RTCP at all.</summary>
    Malformed,

    /// <summary>The buffer has no room for what protection adds.</summary>
    BufferTooSmall,

    /// <summary>The tag does not fit: another key, or the packet was changed on its way.</summary>
    NotAuthentic,

    /// <summary>It has been seen, or is too old to tell.</summary>
    Replayed,

    /// <summary>There are more sources than one peer may have.</summary>
    TooManySources,

    /// <summary>The key has protected as many packets as it may. A new key exchange is due.</summary>
    KeyExhausted,
}
