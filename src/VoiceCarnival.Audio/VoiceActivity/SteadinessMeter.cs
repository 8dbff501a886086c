namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Counts for how many frames the level of four sub-bands has stayed within a few decibels.</summary>
internal sealed class SteadinessMeter
{
    private const int Bands = 4;
    private const float Tolerance = 4.5f;

    private readonly float[] _mean = new float[Bands];

    /// <summary>Frames in a row, this one included, that stayed close to their running mean.</summary>
    public int Frames { get; private set; }

    public void Reset() => Frames = 0;

    public void Update(ReadOnlySpan<float> power)
    {
        Span<float> level = stackalloc float[Bands];
        int width = power.Length / Bands;
        float deviation = 0;
        for (int band = 0; band < Bands; band++)
        {
            float sum = 1e-9f;
            foreach (float value in power.Slice(band * width, width))
            {
                sum += value;
            }

            level[band] = 10 * MathF.Log10(sum);
            deviation = Math.Max(deviation, Math.Abs(level[band] - _mean[band]));
        }

        bool steady = Frames > 0 && deviation < Tolerance;
        Frames = steady ? Frames + 1 : 1;
        float follow = steady ? Math.Max(1f / Frames, 0.1f) : 1;
        for (int band = 0; band < Bands; band++)
        {
            _mean[band] += follow * (level[band] - _mean[band]);
        }
    }
}
