using System.Runtime.CompilerServices;

namespace VoiceCarnival.Audio.G722;

/// <summary>
/// Predicts the next sample of a band from its own reconstruction: two poles and six zeros, adapted sample by sample (blocks 4L and 4H, G.722 section 6.2.1.3).
/// The method's parts carry the recommendation's names.
/// </summary>
internal sealed class AdaptivePredictor
{
    private const int Zeros = 6;
    private ZeroFilter _differences;
    private ZeroFilter _coefficients;
    private int _pole1;
    private int _pole2;
    private int _signal1;
    private int _signal2;
    private int _partial1;
    private int _partial2;
    private int _zeroPrediction;

    /// <summary>SL or SH: what the next sample is expected to be.</summary>
    public int Prediction { get; private set; }

    /// <summary>Takes the quantized difference of the sample from <see cref="Prediction"/>, and predicts the one after.</summary>
    public void Adapt(int difference)
    {
        // PARREC and RECONS: the signal with the zeros' part of the prediction only, and whole.
        int partial = G722Tables.Limit(_zeroPrediction + difference);
        int signal = G722Tables.Limit(Prediction + difference);

        // UPPOL2
        bool sameAsLast = (partial ^ _partial1) >= 0;
        bool sameAsBefore = (partial ^ _partial2) >= 0;
        int turn = G722Tables.Limit(_pole1 << 2);
        turn = sameAsLast ? Math.Min(-turn, short.MaxValue) : turn;
        int pole2 = (turn >> 7) + (sameAsBefore ? 128 : -128) + (_pole2 * 32512 >> 15);
        pole2 = Math.Clamp(pole2, -12288, 12288);

        // UPPOL1
        int bound = G722Tables.Limit(15360 - pole2);
        int pole1 = G722Tables.Limit((sameAsLast ? 192 : -192) + (_pole1 * 32640 >> 15));
        pole1 = Math.Clamp(pole1, -bound, bound);

        // UPZERO, with DELAYA of its differences, and FILTEZ
        int step = difference == 0 ? 0 : 128;
        int zeroPrediction = 0;
        for (int i = Zeros - 1; i >= 0; i--)
        {
            int past = _differences[i];
            int coefficient = G722Tables.Limit(((past ^ difference) >= 0 ? step : -step) + (_coefficients[i] * 32640 >> 15));
            _coefficients[i] = coefficient;
            int newer = i == 0 ? difference : _differences[i - 1];
            _differences[i] = newer;
            zeroPrediction = G722Tables.Limit(zeroPrediction + (coefficient * G722Tables.Limit(newer + newer) >> 15));
        }

        // DELAYA
        (_partial1, _partial2) = (partial, _partial1);
        (_signal1, _signal2) = (signal, _signal1);
        (_pole1, _pole2) = (pole1, pole2);
        _zeroPrediction = zeroPrediction;

        // FILTEP and PREDIC
        int polePrediction = G722Tables.Limit((pole1 * G722Tables.Limit(_signal1 + _signal1) >> 15) + (pole2 * G722Tables.Limit(_signal2 + _signal2) >> 15));
        Prediction = G722Tables.Limit(polePrediction + zeroPrediction);
    }

    [InlineArray(Zeros)]
    private struct ZeroFilter
    {
        private int _first;
    }
}
