using System.Runtime.InteropServices;

namespace VoiceCarnival.Testing.Audio;

/// <summary>Makes test signals in PCM16. The same arguments always give the same samples.</summary>
public static class Tone
{
    /// <summary>The rate of OpenAI's PCM.</summary>
    public const int DefaultRate = 24000;

    /// <summary>A sine wave.</summary>
    public static short[] Sine(double hertz, TimeSpan duration, int rate = DefaultRate, double amplitude = 0.5) =>
        Chirp(hertz, hertz, duration, rate, amplitude);

    /// <summary>A sine wave whose frequency glides; two places in it never look alike, so lags can be measured.</summary>
    public static short[] Chirp(double fromHertz, double toHertz, TimeSpan duration, int rate = DefaultRate, double amplitude = 0.5)
    {
        var samples = new short[SampleCount(duration, rate)];
        double phase = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = Scale(amplitude * Math.Sin(phase));
            double hertz = fromHertz + ((toHertz - fromHertz) * i / samples.Length);
            phase += Math.Tau * hertz / rate;
        }

        return samples;
    }

    /// <summary>White noise from a seed.</summary>
    public static short[] Noise(int seed, TimeSpan duration, int rate = DefaultRate, double amplitude = 0.5)
    {
        var random = new Random(seed);
        var samples = new short[SampleCount(duration, rate)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = Scale(amplitude * ((2 * random.NextDouble()) - 1));
        }

        return samples;
    }

    /// <summary>Nothing to hear.</summary>
    public static short[] Silence(TimeSpan duration, int rate = DefaultRate) => new short[SampleCount(duration, rate)];

    /// <summary>A copy as little-endian bytes, as PCM16 goes over the wire.</summary>
    public static byte[] ToBytes(ReadOnlySpan<short> samples) => MemoryMarshal.AsBytes(samples).ToArray();

    /// <summary>A copy as samples; an odd last byte is dropped.</summary>
    public static short[] FromBytes(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes[..(bytes.Length & ~1)]).ToArray();

    private static int SampleCount(TimeSpan duration, int rate) => (int)Math.Round(duration.TotalSeconds * rate);

    private static short Scale(double value) => (short)Math.Round(Math.Clamp(value, -1, 1) * short.MaxValue);
}
