using System.Numerics;

namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Noise power per frequency bin, tracked while speech comes and goes.</summary>
/// <remarks>
/// Each bin follows its power to the extent that the power looks like noise (Gerkmann and Hendriks, "Unbiased MMSE-based noise
/// power estimation", 2012), so speech leaves it almost untouched. That alone would never believe a large permanent rise, so the
/// smallest smoothed power of the last 1.6 s is a lower bound (after Martin, "Minimum statistics", 2001).
/// </remarks>
internal sealed class NoiseFloor
{
    /// <summary>Below this a bin counts as silent: white noise of about -78 dBFS, far below any real microphone.</summary>
    public const float Least = 1.5e-6f;

    // 8 stretches of 10 frames (20 ms each).
    private const int Stretches = 8;
    private const int StretchFrames = 10;

    private const float PeriodogramSmoothing = 0.85f;

    // The minimum of a smoothed periodogram is about half its mean; stay below the mean all the same.
    private const float MinimumToMean = 1.4f;

    private const float FallingHold = 0.7f;

    // A-priori SNR of speech, if it is speech: 15 dB.
    private const float SpeechSnr = 31.6f;

    private readonly float[] _noise;
    private readonly float[] _smoothed;
    private readonly float[] _current;
    private readonly float[] _recent;
    private readonly float[] _minimum;
    private int _frame;
    private int _stretch;

    /// <param name="bins">A multiple of 16, so that vectors of any width divide it.</param>
    public NoiseFloor(int bins)
    {
        _noise = new float[bins];
        _smoothed = new float[bins];
        _current = new float[bins];
        _recent = new float[bins * Stretches];
        _minimum = new float[bins];
        Reset();
    }

    /// <summary>The estimate, per bin.</summary>
    public ReadOnlySpan<float> Power => _noise;

    public void Reset()
    {
        _noise.AsSpan().Fill(Least);
        _smoothed.AsSpan().Fill(Least);
        _current.AsSpan().Fill(float.MaxValue);

        // Nothing is known about the time before: as good as silence, so the first second cannot be taken for noise by its minimum.
        _recent.AsSpan().Fill(Least);
        _minimum.AsSpan().Fill(Least);
        _frame = 0;
        _stretch = 0;
    }

    /// <summary>
    /// There was silence for so long that the quietest moment of late was silent. The estimate stays as it is: a noise that comes back is known at once, and a sound that
    /// only fills the time between silences is not taken for one.
    /// </summary>
    public void Silent()
    {
        _current.AsSpan().Fill(float.MaxValue);
        _recent.AsSpan().Fill(Least);
        _minimum.AsSpan().Fill(Least);
        _frame = 0;
    }

    /// <summary>Takes the power spectrum of a frame.</summary>
    /// <param name="around">Power per bin, with one more bin at either end.</param>
    /// <param name="hold">How strongly to keep the old estimate, 0 to 1.</param>
    /// <param name="isNoise">The frame is known to be noise: follow it whatever its level.</param>
    public void Update(ReadOnlySpan<float> around, float hold, bool isNoise)
    {
        ReadOnlySpan<float> below = around[.._noise.Length];
        ReadOnlySpan<float> above = around.Slice(2, _noise.Length);
        ReadOnlySpan<float> power = around.Slice(1, _noise.Length);
        for (int k = 0; k < _noise.Length; k += Vector<float>.Count)
        {
            var now = new Vector<float>(power[k..]);
            Vector<float> near = (new Vector<float>(below[k..]) + now + new Vector<float>(above[k..])) * (1f / 3);
            Vector<float> smoothed = new Vector<float>(_smoothed, k) * PeriodogramSmoothing;
            smoothed += near * (1 - PeriodogramSmoothing);
            smoothed.CopyTo(_smoothed, k);
            Vector<float> current = Vector.Min(new Vector<float>(_current, k), smoothed);
            current.CopyTo(_current, k);

            var noise = new Vector<float>(_noise, k);
            Vector<float> observed = isNoise ? near : Observed(now, noise);

            // Fall faster than rise: a floor that is too high makes the listener deaf.
            Vector<float> keep = Vector.ConditionalSelect(
                Vector.LessThan(smoothed, noise * 0.4f), new Vector<float>(Math.Min(hold, FallingHold)), new Vector<float>(hold));
            noise = (keep * noise) + ((Vector<float>.One - keep) * observed);
            Vector<float> bound = Vector.Min(new Vector<float>(_minimum, k), current) * MinimumToMean;
            Vector.Max(Vector.Max(noise, bound), new Vector<float>(Least)).CopyTo(_noise, k);
        }

        if (++_frame == StretchFrames)
        {
            CloseStretch();
        }
    }

    /// <summary>The power that the noise is expected to have had: between the power of the bin and the old estimate.</summary>
    private static Vector<float> Observed(Vector<float> power, Vector<float> noise)
    {
        Vector<float> ratio = Vector.Min(power / noise, new Vector<float>(60));
        Vector<float> likelihood = Vector.Exp(ratio * (-SpeechSnr / (1 + SpeechSnr)));
        Vector<float> speech = Vector<float>.One / (Vector<float>.One + (likelihood * (1 + SpeechSnr)));
        return power + (speech * (noise - power));
    }

    private void CloseStretch()
    {
        int bins = _noise.Length;
        _frame = 0;
        _current.AsSpan().CopyTo(_recent.AsSpan(_stretch * bins));
        _smoothed.AsSpan().CopyTo(_current);
        _stretch = (_stretch + 1) % Stretches;
        _recent.AsSpan(0, bins).CopyTo(_minimum);
        for (int stretch = 1; stretch < Stretches; stretch++)
        {
            for (int k = 0; k < bins; k += Vector<float>.Count)
            {
                var recent = new Vector<float>(_recent, (stretch * bins) + k);
                Vector.Min(new Vector<float>(_minimum, k), recent).CopyTo(_minimum, k);
            }
        }
    }
}
