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

    // A-priori SNR of speech, if it is speech: 15 dB.
    private const float SpeechSnr = 31.6f;

    private readonly float[] _noise;
    private readonly float[] _smoothed;
    private readonly float[] _current;
    private readonly float[] _recent;
    private readonly float[] _minimum;
    private int _frame;
    private int _stretch;

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

    /// <summary>Takes the power spectrum of a frame.</summary>
    /// <param name="power">Power per bin.</param>
    /// <param name="hold">How strongly to keep the old estimate, 0 to 1.</param>
    /// <param name="isNoise">The frame is known to be noise: follow it whatever its level.</param>
    public void Update(ReadOnlySpan<float> power, float hold, bool isNoise)
    {
        int bins = _noise.Length;
        const float Slope = SpeechSnr / (1 + SpeechSnr);
        for (int k = 0; k < bins; k++)
        {
            float near = (power[Math.Max(k - 1, 0)] + power[k] + power[Math.Min(k + 1, bins - 1)]) * (1f / 3);
            float smoothed = (PeriodogramSmoothing * _smoothed[k]) + ((1 - PeriodogramSmoothing) * near);
            _smoothed[k] = smoothed;
            _current[k] = Math.Min(_current[k], smoothed);

            float noise = _noise[k];
            float observed = near;
            if (!isNoise)
            {
                float ratio = Math.Min(power[k] / noise, 60);
                float speech = 1 / (1 + ((1 + SpeechSnr) * MathF.Exp(-ratio * Slope)));
                observed = power[k] + (speech * (noise - power[k]));
            }

            float keep = smoothed < 0.4f * noise ? Math.Min(hold, 0.7f) : hold;
            _noise[k] = Math.Max(Math.Max((keep * noise) + ((1 - keep) * observed), MinimumToMean * Math.Min(_minimum[k], _current[k])), Least);
        }

        if (++_frame == StretchFrames)
        {
            _frame = 0;
            _current.AsSpan().CopyTo(_recent.AsSpan(_stretch * bins));
            _smoothed.AsSpan().CopyTo(_current);
            _stretch = (_stretch + 1) % Stretches;
            UpdateMinimum();
        }
    }

    private void UpdateMinimum()
    {
        int bins = _noise.Length;
        _recent.AsSpan(0, bins).CopyTo(_minimum);
        for (int i = bins; i < _recent.Length; i++)
        {
            int k = i % bins;
            _minimum[k] = Math.Min(_minimum[k], _recent[i]);
        }
    }
}
