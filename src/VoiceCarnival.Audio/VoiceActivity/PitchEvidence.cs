using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>How periodic 8 kHz audio is between 60 and 400 Hz: below 0.3 for noise, 0.5 and more for a voice or a tone.</summary>
/// <remarks>
/// The largest normalised autocorrelation of the newest 32 ms. A first difference goes before it: without that, the slow waves
/// of pink noise would correlate with themselves.
/// </remarks>
internal sealed class PitchEvidence
{
    private const int WindowSamples = 256;
    private const int ShortestPeriod = 20;
    private const int LongestPeriod = 132;
    private const float Emphasis = 0.9f;

    private readonly float[] _history = new float[LongestPeriod + WindowSamples];
    private float _last;

    public void Reset()
    {
        _history.AsSpan().Clear();
        _last = 0;
    }

    /// <summary>Takes the next samples, at most a window of them.</summary>
    public void Push(ReadOnlySpan<float> samples)
    {
        int keep = _history.Length - samples.Length;
        _history.AsSpan(samples.Length).CopyTo(_history);
        for (int i = 0; i < samples.Length; i++)
        {
            _history[keep + i] = samples[i] - (Emphasis * _last);
            _last = samples[i];
        }
    }

    /// <summary>Measures the newest window.</summary>
    /// <returns>0 to 1.</returns>
    public float Measure()
    {
        ReadOnlySpan<float> history = _history;
        ReadOnlySpan<float> newest = history[LongestPeriod..];
        float energy = VectorMath.Dot(newest, newest);
        int from = LongestPeriod - ShortestPeriod;
        float shifted = VectorMath.Dot(history.Slice(from, WindowSamples), history.Slice(from, WindowSamples));
        float best = 0;
        for (; from >= 0; from--)
        {
            float product = VectorMath.Dot(newest, history.Slice(from, WindowSamples));
            if (product > 0)
            {
                best = Math.Max(best, product * product / ((energy * shifted) + 1e-12f));
            }

            // The window moves one sample into the past: one comes in at the front, one drops out at the end.
            if (from > 0)
            {
                float enters = history[from - 1];
                float leaves = history[from + WindowSamples - 1];
                shifted = Math.Max(shifted + (enters * enters) - (leaves * leaves), 0);
            }
        }

        return MathF.Sqrt(Math.Min(best, 1));
    }
}
