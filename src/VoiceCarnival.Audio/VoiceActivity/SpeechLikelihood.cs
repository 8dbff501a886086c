using System.Numerics;

namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Mean log-likelihood ratio of "speech and noise" against "noise" over the bins of a spectrum.</summary>
/// <remarks>
/// The a-priori SNR of a bin is estimated decision-directed (Ephraim and Malah, 1984): mostly from what the bin's speech was in the
/// frame before, so a bin that stands out for one frame by chance counts little and one that keeps standing out counts much.
/// </remarks>
/// <param name="bins">A multiple of 16, so that vectors of any width divide it.</param>
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
        Vector<float> sum = default;
        for (int k = 0; k < _speech.Length; k += Vector<float>.Count)
        {
            var now = new Vector<float>(power[k..]);
            Vector<float> inverse = Vector<float>.One / new Vector<float>(noise[k..]);
            Vector<float> posterior = Vector.Min(now * inverse, new Vector<float>(MostPosteriorSnr));
            Vector<float> excess = Vector.Max(posterior - Vector<float>.One, default);
            Vector<float> prior = (new Vector<float>(_speech, k) * inverse * Memory) + (excess * (1 - Memory));
            prior = Vector.Min(Vector.Max(prior, new Vector<float>(LeastPriorSnr)), new Vector<float>(MostPosteriorSnr));
            Vector<float> gain = prior / (Vector<float>.One + prior);
            (gain * gain * now).CopyTo(_speech, k);
            sum += (posterior * gain) - Vector.Log(Vector<float>.One + prior);
        }

        return Vector.Sum(sum) / _speech.Length;
    }
}
