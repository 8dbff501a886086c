namespace VoiceCarnival.Audio.Wav;

/// <summary>The audio of a WAV file as PCM16.</summary>
/// <param name="format">The format it had in the file.</param>
/// <param name="samples">Samples, channels interleaved; a whole number of frames.</param>
public sealed class WavAudio(WavFormat format, short[] samples)
{
    /// <summary>The format it had in the file.</summary>
    public WavFormat Format { get; } = format;

    /// <summary>Samples, channels interleaved.</summary>
    public ReadOnlyMemory<short> Samples { get; } = samples;

    /// <summary>Frames (samples per channel).</summary>
    public int Frames => Samples.Length / Format.Channels;

    /// <summary>Length in time.</summary>
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Frames / Format.SampleRate);

    /// <summary>Averages the channels into a new array of <see cref="Frames"/> samples.</summary>
    public short[] ToMono()
    {
        var mono = new short[Frames];
        ReadOnlySpan<short> interleaved = Samples.Span;
        int channels = Format.Channels;
        for (int i = 0; i < mono.Length; i++)
        {
            int sum = 0;
            foreach (short sample in interleaved.Slice(i * channels, channels))
            {
                sum += sample;
            }

            mono[i] = (short)(sum / channels);
        }

        return mono;
    }
}
