using VoiceCarnival.Audio.G711;
using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio;

/// <summary>One of the mono wire formats of the Realtime protocol.</summary>
/// <param name="Encoding">How one sample is written.</param>
/// <param name="SampleRate">Samples per second. Conversions keep this rate; see <see cref="Resampling.Resampler"/> to change it.</param>
public readonly record struct AudioFormat(AudioEncoding Encoding, int SampleRate)
{
    /// <summary><c>audio/pcm</c>: 24 kHz linear, 48 bytes per millisecond.</summary>
    public static AudioFormat Pcm24k { get; } = new(AudioEncoding.Pcm16, 24_000);

    /// <summary><c>audio/pcmu</c>: 8 kHz µ-law, 8 bytes per millisecond.</summary>
    public static AudioFormat Pcmu { get; } = new(AudioEncoding.MuLaw, 8_000);

    /// <summary><c>audio/pcma</c>: 8 kHz A-law, 8 bytes per millisecond.</summary>
    public static AudioFormat Pcma { get; } = new(AudioEncoding.ALaw, 8_000);

    /// <summary>The protocol's <c>type</c> name.</summary>
    public string WireType => Encoding switch
    {
        AudioEncoding.MuLaw => "audio/pcmu",
        AudioEncoding.ALaw => "audio/pcma",
        _ => "audio/pcm",
    };

    /// <summary>Bytes of one sample.</summary>
    public int BytesPerSample => Encoding == AudioEncoding.Pcm16 ? Pcm16.BytesPerSample : 1;

    /// <summary>Bytes of one millisecond.</summary>
    public int BytesPerMillisecond => SampleRate * BytesPerSample / 1000;

    /// <summary>Finds a format by its wire name; the rate is the only one the protocol allows for it.</summary>
    public static bool TryParse(string? wireType, out AudioFormat format)
    {
        (bool known, format) = wireType switch
        {
            "audio/pcm" => (true, Pcm24k),
            "audio/pcmu" => (true, Pcmu),
            "audio/pcma" => (true, Pcma),
            _ => (false, default),
        };
        return known;
    }

    /// <summary>Whole samples in a number of wire bytes.</summary>
    public int SamplesIn(int bytes) => bytes / BytesPerSample;

    /// <summary>Wire bytes of a number of samples.</summary>
    public int BytesOf(int samples) => checked(samples * BytesPerSample);

    /// <summary>Length of a number of wire bytes.</summary>
    public TimeSpan DurationOf(long bytes) => TimeSpan.FromTicks(bytes / BytesPerSample * TimeSpan.TicksPerSecond / SampleRate);

    /// <summary>Decodes wire bytes to PCM16 samples at <see cref="SampleRate"/>. A half sample at the end is ignored.</summary>
    /// <returns>Samples written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Decode(ReadOnlySpan<byte> bytes, Span<short> samples)
    {
        switch (Encoding)
        {
            case AudioEncoding.MuLaw:
                MuLaw.Decode(bytes, samples);
                return bytes.Length;
            case AudioEncoding.ALaw:
                ALaw.Decode(bytes, samples);
                return bytes.Length;
            default:
                return Pcm16.BytesToSamples(bytes, samples);
        }
    }

    /// <summary>Encodes PCM16 samples at <see cref="SampleRate"/> to wire bytes.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Encode(ReadOnlySpan<short> samples, Span<byte> bytes)
    {
        switch (Encoding)
        {
            case AudioEncoding.MuLaw:
                MuLaw.Encode(samples, bytes);
                return samples.Length;
            case AudioEncoding.ALaw:
                ALaw.Encode(samples, bytes);
                return samples.Length;
            default:
                return Pcm16.SamplesToBytes(samples, bytes);
        }
    }
}
