namespace VoiceCarnival.Audio.Wav;

/// <summary>The format chunk of a WAV file.</summary>
/// <param name="Encoding">Sample encoding.</param>
/// <param name="SampleRate">Frames per second.</param>
/// <param name="Channels">Samples per frame, 1 or more.</param>
public readonly record struct WavFormat(WavEncoding Encoding, int SampleRate, int Channels)
{
    /// <summary>Bytes of one sample of one channel.</summary>
    public int BytesPerSample => Encoding switch
    {
        WavEncoding.IeeeFloat => 4,
        WavEncoding.Pcm16 => 2,
        _ => 1,
    };

    /// <summary>Bytes of one sample of every channel.</summary>
    public int BytesPerFrame => BytesPerSample * Channels;
}
