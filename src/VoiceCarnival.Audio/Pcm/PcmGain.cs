namespace VoiceCarnival.Audio.Pcm;

/// <summary>Gain, fades and mixing of PCM16 audio in place, clipping at full scale.</summary>
public static class PcmGain
{
    /// <summary>Multiplies every sample by <paramref name="gain"/>.</summary>
    public static void Apply(Span<short> samples, float gain) => Ramp(samples, gain, gain);

    /// <summary>
    /// Moves the gain in a straight line from <paramref name="from"/> at the first sample to just before <paramref name="to"/>
    /// at the last, so that ramps of adjacent blocks join without repeating a value.
    /// </summary>
    public static void Ramp(Span<short> samples, float from, float to)
    {
        float step = samples.IsEmpty ? 0 : (to - from) / samples.Length;
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = Clip(samples[i] * (from + (step * i)));
        }
    }

    /// <summary>Fades in from silence over the span.</summary>
    public static void FadeIn(Span<short> samples) => Ramp(samples, 0, 1);

    /// <summary>Fades out to silence over the span; use it on the last few milliseconds of audio that is cut off.</summary>
    public static void FadeOut(Span<short> samples) => Ramp(samples, 1, 0);

    /// <summary>Adds <paramref name="source"/> to <paramref name="target"/>, which is at least as long.</summary>
    /// <exception cref="ArgumentException">The target is shorter than the source.</exception>
    public static void Mix(ReadOnlySpan<short> source, Span<short> target)
    {
        Pcm16.ThrowIfTooShort(target.Length, source.Length);
        for (int i = 0; i < source.Length; i++)
        {
            target[i] = (short)Math.Clamp(target[i] + source[i], short.MinValue, short.MaxValue);
        }
    }

    private static short Clip(float value) => (short)Math.Clamp(MathF.Round(value), short.MinValue, short.MaxValue);
}
