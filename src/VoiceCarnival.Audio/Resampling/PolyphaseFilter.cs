using System.Collections.Concurrent;
using System.Numerics;

namespace VoiceCarnival.Audio.Resampling;

/// <summary>The coefficients of one rate pair, shared by every <see cref="Resampler"/> of that pair.</summary>
internal sealed class PolyphaseFilter
{
    private const int MaxPhases = 1_000;

    // Taps at the lower of the two rates. With a Kaiser window of beta 8 this gives a transition band of 0.077 of that rate.
    private const int LowRateTaps = 64;
    private const double KaiserBeta = 8;

    // Middle of the transition band, so that it ends at Nyquist and begins above the 3.4 kHz of telephone speech.
    private const double CutoffOfLowRate = 0.4615;

    // VectorMath.Dot reads four vectors of up to eight floats at a time.
    private const int TapMultiple = 32;

    private static readonly ConcurrentDictionary<(int Up, int Down), PolyphaseFilter> Shared = new();

    private readonly float[] _coefficients;

    private PolyphaseFilter(int up, int down)
    {
        Up = up;
        Down = down;
        Taps = IsCopy ? 1 : RoundUp((int)Math.Ceiling(LowRateTaps * Math.Max(1.0, (double)down / up)));
        _coefficients = IsCopy ? [] : Design();
    }

    /// <summary>Output rate over the greatest common divisor: the number of phases.</summary>
    public int Up { get; }

    /// <summary>Input rate over the greatest common divisor: how many phases one output advances.</summary>
    public int Down { get; }

    /// <summary>Coefficients per phase; the group delay is half of it, in input samples.</summary>
    public int Taps { get; }

    /// <summary>The rates are equal.</summary>
    public bool IsCopy => Up == Down;

    public static PolyphaseFilter For(int inputRate, int outputRate)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(inputRate, outputRate);
        int up = outputRate / divisor;
        if (up > MaxPhases)
        {
            throw new ArgumentOutOfRangeException(nameof(outputRate), outputRate, $"{inputRate} to {outputRate} Hz needs {up} phases; {MaxPhases} are allowed.");
        }

        return Shared.GetOrAdd((up, inputRate / divisor), static key => new PolyphaseFilter(key.Up, key.Down));
    }

    /// <summary>The most samples that this many input samples can yield.</summary>
    public int OutputCeiling(int inputSamples) => (int)(((long)inputSamples * Up / Down) + 1);

    /// <summary>Coefficients of one phase in input order (oldest sample first).</summary>
    public ReadOnlySpan<float> Phase(int phase) => _coefficients.AsSpan(phase * Taps, Taps);

    private float[] Design()
    {
        var coefficients = new float[Up * Taps];
        double half = Taps / 2.0;
        double cutoff = CutoffOfLowRate * Math.Min(1.0, (double)Up / Down);
        Span<double> phaseTaps = new double[Taps];
        for (int phase = 0; phase < Up; phase++)
        {
            double sum = 0;
            for (int i = 0; i < Taps; i++)
            {
                // Distance from the filter's centre, in input samples. Tap Taps-1 meets the newest sample.
                double t = Taps - 1 - i + ((double)phase / Up) - half;
                phaseTaps[i] = Sinc(2 * cutoff * t) * Kaiser(t / half);
                sum += phaseTaps[i];
            }

            // Unit gain at 0 Hz in every phase: a constant stays constant, without a ripple at the input rate.
            for (int i = 0; i < Taps; i++)
            {
                coefficients[(phase * Taps) + i] = (float)(phaseTaps[i] / sum);
            }
        }

        return coefficients;
    }

    private static double Sinc(double x) => Math.Abs(x) < 1e-12 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    /// <summary>Kaiser window; both ends are zero so that the filter is symmetric about its centre.</summary>
    private static double Kaiser(double x) => Math.Abs(x) >= 1 ? 0 : BesselI0(KaiserBeta * Math.Sqrt(1 - (x * x))) / BesselI0(KaiserBeta);

    private static double BesselI0(double x)
    {
        double term = 1;
        double sum = 1;
        for (int k = 1; term > sum * 1e-16; k++)
        {
            double factor = x / (2 * k);
            term *= factor * factor;
            sum += term;
        }

        return sum;
    }

    private static int RoundUp(int taps) => (taps + TapMultiple - 1) / TapMultiple * TapMultiple;
}
