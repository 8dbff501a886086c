namespace VoiceCarnival.Audio.G722;

/// <summary>The lower band, 0 to 4 kHz, at 6 bits per sample (blocks 1L to 4L and, for the listener, 5L and 6L). One per direction.</summary>
internal sealed class LowerBand
{
    private const int HighestLogScale = 18_432;
    private readonly AdaptivePredictor _predictor = new();
    private int _logScale;
    private int _scale = 32;

    /// <summary>Codes a sample: SUBTRA, QUANTL.</summary>
    public int Encode(int sample)
    {
        int difference = G722Tables.Limit(sample - _predictor.Prediction);
        int magnitude = difference >= 0 ? difference : ~difference;
        int level = 1;
        while (level < G722Tables.Q6.Length && magnitude >= G722Tables.Q6[level] * _scale >> 12)
            level++;
        int code = difference < 0 ? G722Tables.Iln[level] : G722Tables.Ilp[level];
        Adapt(code);
        return code;
    }

    /// <summary>Decodes a sample: INVQBL, RECONS, LIMIT.</summary>
    public int Decode(int code)
    {
        int sample = Math.Clamp(_predictor.Prediction + (_scale * G722Tables.Qm6[code] >> 15), -16_384, 16_383);
        Adapt(code);
        return sample;
    }

    // INVQAL, LOGSCL, SCALEL: the upper four bits of a code are enough for both ends to stay in step at any of the three rates.
    private void Adapt(int code)
    {
        int upper = code >> 2;
        int difference = _scale * G722Tables.Qm4[upper] >> 15;
        _logScale = Math.Clamp((_logScale * 127 >> 7) + G722Tables.Wl[G722Tables.Rl42[upper]], 0, HighestLogScale);
        int shift = 8 - (_logScale >> 11);
        int mantissa = G722Tables.Ilb[(_logScale >> 6) & 31];
        _scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
        _predictor.Adapt(difference);
    }
}
