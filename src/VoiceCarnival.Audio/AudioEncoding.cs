namespace VoiceCarnival.Audio;

/// <summary>How one sample is written on the wire.</summary>
public enum AudioEncoding
{
    /// <summary>16-bit signed little-endian linear PCM.</summary>
    Pcm16,

    /// <summary>G.711 µ-law, 8 bits.</summary>
    MuLaw,

    /// <summary>G.711 A-law, 8 bits.</summary>
    ALaw,
}
