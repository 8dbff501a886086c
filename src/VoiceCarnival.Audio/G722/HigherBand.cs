namespace VoiceCarnival.Audio.G722;

/// <summary>The higher band, 4 to 8 kHz, at 2 bits per sample (blocks 1H to 5H). One per direction.</summary>
internal sealed class HigherBand
{
    private const int HighestLogScale = 22_528;
    private const int Q2 = 564;
    private readonly AdaptivePredictor _predictor = new();
    private int _logScale;
    private int _scale = 8;

    /// <summary>Codes a sample: SUBTRA, QUANTH.</summary>
    public int Encode(int sample)
    {
        int difference = G722Tables.Limit(sample - _predictor.Prediction);
        int magnitude = difference >= 0 ? difference : ~difference;
        bool large = magnitude >= Q2 * _scale >> 12;
        int code = difference < 0 ? (large ? 0 : 1) : large ? 2 : 3;
        Adapt(code);
        return code;
    }

    /// <summary>Decodes a sample: INVQAH, RECONS, LIMIT.</summary>
    public int Decode(int code)
    {
        int sample = Math.Clamp(_predictor.Prediction + (_scale * G722Tables.Qm2[code] >> 15), -16_384, 16_383);
        Adapt(code);
        return sample;
    }

    // INVQAH, LOGSCH, SCALEH.
    private void Adapt(int code)
    {
        int difference = _scale * G722Tables.Qm2[code] >> 15;
        _logScale = Math.Clamp((_logScale * 127 >> 7) + G722Tables.Wh[G722Tables.Rh2[code]], 0, HighestLogScale);
        int shift = 10 - (_logScale >> 11);
        int mantissa = G722Tables.Ilb[(_logScale >> 6) & 31];
        _scale = (shift < 0 ? mantissa << -shift : mantissa >> shift) << 2;
        _predictor.Adapt(difference);
    }
}
