namespace VoiceCarnival.Audio.Wav;

/// <summary>Why a WAV file could not be read.</summary>
public enum WavError
{
    /// <summary>It was read.</summary>
    None,

    /// <summary>It does not begin with a RIFF WAVE header.</summary>
    NotWave,

    /// <summary>It ends before its audio does.</summary>
    Truncated,

    /// <summary>The audio comes without a format chunk before it.</summary>
    MissingFormat,

    /// <summary>The format chunk contradicts itself, or holds a rate or channel count that cannot be.</summary>
    InvalidFormat,

    /// <summary>The format is valid but its sample encoding is not one of <see cref="WavEncoding"/>.</summary>
    UnsupportedEncoding,

    /// <summary>There is no audio chunk.</summary>
    MissingAudio,
}
