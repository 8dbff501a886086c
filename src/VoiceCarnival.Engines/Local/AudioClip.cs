using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Resampling;

namespace VoiceCarnival.Engines.Local;

/// <summary>A stretch of audio in one of the protocol's wire formats.</summary>
/// <param name="Bytes">Whole samples.</param>
/// <param name="Format">How they are written.</param>
public readonly record struct AudioClip(ReadOnlyMemory<byte> Bytes, AudioFormat Format)
{
    /// <summary>Length, ms, rounded down.</summary>
    public long Milliseconds => Bytes.Length / Format.BytesPerMillisecond;

    /// <summary>Encodes samples.</summary>
    public static AudioClip Of(ReadOnlySpan<short> samples, AudioFormat format)
    {
        var bytes = new byte[format.BytesOf(samples.Length)];
        format.Encode(samples, bytes);
        return new AudioClip(bytes, format);
    }

    /// <summary>The same audio in another format; itself when it is in that format already.</summary>
    public AudioClip ConvertTo(AudioFormat format)
    {
        if (format == Format)
            return this;
        var samples = new short[Format.SamplesIn(Bytes.Length)];
        Format.Decode(Bytes.Span, samples);
        if (Format.SampleRate != format.SampleRate)
        {
            var resampler = new Resampler(Format.SampleRate, format.SampleRate);
            var resampled = new short[resampler.OutputLength(samples.Length)];
            int written = resampler.Process(samples, resampled);
            samples = resampled[..written];
        }

        return Of(samples, format);
    }
}
