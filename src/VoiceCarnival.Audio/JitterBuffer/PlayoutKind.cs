namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>What is to be played next.</summary>
public enum PlayoutKind
{
    /// <summary>Decode the payload.</summary>
    Packet,

    /// <summary>A packet is missing: conceal it. A payload is that of the packet after it, from which Opus may recover the missing one; it will come again.</summary>
    Conceal,

    /// <summary>Nothing is expected: the sender pauses (discontinuous transmission), has stopped, or has not begun.</summary>
    Silence,
}
