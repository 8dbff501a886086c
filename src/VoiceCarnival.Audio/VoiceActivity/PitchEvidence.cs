namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>How periodic a spectrum is between 60 and 400 Hz: near 0 for noise, 0.5 and more for a voiced sound.</summary>
/// <remarks>
/// The spectrum is first divided by its own local average. That removes the colour of noise and the shape of the vocal tract and
/// leaves the comb of a voice, whose autocorrelation (a transform of the comb) peaks at the pitch period.
/// </remarks>
internal sealed class PitchEvidence
{
    // Spectrum of 8 kHz audio, bins of 31.25 Hz: 94 to 2,500 Hz hold the harmonics that matter.
    private const int FirstBin = 3;
    private const int LastBin = 80;

    // The average spans 13 bins (406 Hz), at least one harmonic of a 400 Hz voice.
    private const int Reach = 6;

    // Pitch periods at 8 kHz, in samples: 400 Hz to 62 Hz.
    private const int ShortestPeriod = 20;
    private const int LongestPeriod = 128;

    private readonly RealFft _fft = new();
    private readonly float[] _comb = new float[RealFft.Size];
    private readonly float[] _correlation = new float[RealFft.Bins];
    private readonly float[] _sums = new float[RealFft.Bins + 1];

    public float Measure(ReadOnlySpan<float> power)
    {
        for (int k = 0; k < RealFft.Bins; k++)
        {
            _sums[k + 1] = _sums[k] + power[k] + 1e-9f;
        }

        float mean = 0;
        for (int k = FirstBin; k <= LastBin; k++)
        {
            int low = Math.Max(k - Reach, 0);
            int high = k + Reach + 1;
            float average = (_sums[high] - _sums[low]) / (high - low);
            float value = Math.Min(power[k] / average, 4);
            _comb[k] = value;
            mean += value;
        }

        mean /= LastBin - FirstBin + 1;
        float total = 1e-3f;
        for (int k = FirstBin; k <= LastBin; k++)
        {
            float value = _comb[k] - mean;
            _comb[k] = value;
            _comb[RealFft.Size - k] = value;
            total += Math.Abs(value);
        }

        _fft.RealPart(_comb, _correlation);
        float best = 0;
        for (int lag = ShortestPeriod; lag <= LongestPeriod; lag++)
        {
            best = Math.Max(best, _correlation[lag]);
        }

        return best / (2 * total);
    }
}
