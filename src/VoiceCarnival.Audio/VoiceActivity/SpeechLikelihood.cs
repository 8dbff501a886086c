namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Mean log-likelihood ratio of "speech and noise" against "noise" over the bins of a spectrum.</summary>
/// <remarks>
/// The a-priori SNR of a bin is estimated decision-directed (Ephraim and Malah, 1984): mostly from what the bin's speech was in the
/// frame before, so a bin that stands out for one frame by chance counts little and one that keeps standing out counts much.
/// </remarks>
internal sealed class SpeechLikelihood(int bins)
{
    private const float Memory = 0.75f;
    private const float LeastPriorSnr = 0.01f;
    private const float MostPosteriorSnr = 100;

    private readonly float[] _speech = new float[bins];

    public void Reset() => _speech.AsSpan().Clear();

    /// <summary>Takes the power spectrum of a frame and the noise estimate made before it.</summary>
    /// <returns>About 0 in noise; 0.3 is plain speech; no upper limit that matters.</returns>
    public float Update(ReadOnlySpan<float> power, ReadOnlySpan<float> noise)
    {
        float sum = 0;
        for (int k = 0; k < _speech.Length; k++)
        {
            float posterior = Math.Min(power[k] / noise[k], MostPosteriorSnr);
            float prior = (Memory * _speech[k] / noise[k]) + ((1 - Memory) * Math.Max(posterior - 1, 0));
            prior = Math.Clamp(prior, LeastPriorSnr, MostPosteriorSnr);
            float gain = prior / (1 + prior);
            _speech[k] = gain * gain * power[k];
            sum += (posterior * gain) - MathF.Log(1 + prior);
        }

        return sum / _speech.Length;
    }
}
