namespace VoiceCarnival.Audio.Wav;

/// <summary>Sample encodings of a WAV file that we read and write; values are the file's own format tags.</summary>
public enum WavEncoding
{
    /// <summary>16-bit linear PCM.</summary>
    Pcm16 = 0x0001,

    /// <summary>32-bit IEEE float.</summary>
    IeeeFloat = 0x0003,

    /// <summary>G.711 A-law.</summary>
    ALaw = 0x0006,

    /// <summary>G.711 µ-law.</summary>
    MuLaw = 0x0007,
}
