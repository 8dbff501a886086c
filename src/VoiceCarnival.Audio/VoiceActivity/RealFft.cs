namespace VoiceCarnival.Audio.VoiceActivity;

/// <summary>Fourier transform of 256 real samples, done as 128 complex ones (radix 2, in place).</summary>
internal static class RealFft
{
    /// <summary>Real samples in.</summary>
    public const int Size = 256;

    /// <summary>Frequencies out, 0 Hz to half the sample rate, both included.</summary>
    public const int Bins = Half + 1;

    private const int Half = Size / 2;

    private static readonly float[] Cos = Table(Math.Cos);
    private static readonly float[] Sin = Table(Math.Sin);
    private static readonly byte[] Reversed = BitReversal();

    /// <summary>Squared magnitude of each bin.</summary>
    public static void Power(ReadOnlySpan<float> samples, Span<float> power)
    {
        // On the stack: with one detector per session, scratch of its own would be memory for nothing most of the time.
        Span<float> re = stackalloc float[Half];
        Span<float> im = stackalloc float[Half];
        Transform(samples, re, im);
        for (int k = 0; k <= Half; k++)
        {
            (float binRe, float binIm) = Bin(re, im, k);
            power[k] = (binRe * binRe) + (binIm * binIm);
        }
    }

    private static void Transform(ReadOnlySpan<float> samples, Span<float> re, Span<float> im)
    {
        for (int i = 0; i < Half; i++)
        {
            int from = Reversed[i];
            re[i] = samples[2 * from];
            im[i] = samples[(2 * from) + 1];
        }

        for (int width = 1; width < Half; width *= 2)
        {
            int stride = Half / width;
            for (int j = 0; j < width; j++)
            {
                float c = Cos[j * stride];
                float s = -Sin[j * stride];
                for (int a = j; a < Half; a += 2 * width)
                {
                    int b = a + width;
                    float tr = (re[b] * c) - (im[b] * s);
                    float ti = (re[b] * s) + (im[b] * c);
                    re[b] = re[a] - tr;
                    im[b] = im[a] - ti;
                    re[a] += tr;
                    im[a] += ti;
                }
            }
        }
    }

    /// <summary>Unpicks one bin: even samples went into the real part, odd ones into the imaginary part.</summary>
    private static (float Re, float Im) Bin(ReadOnlySpan<float> re, ReadOnlySpan<float> im, int k)
    {
        int i = k & (Half - 1);
        int mirror = (Half - k) & (Half - 1);
        float evenRe = 0.5f * (re[i] + re[mirror]);
        float evenIm = 0.5f * (im[i] - im[mirror]);
        float oddRe = 0.5f * (im[i] + im[mirror]);
        float oddIm = 0.5f * (re[mirror] - re[i]);
        float c = Cos[k];
        float s = -Sin[k];
        return (evenRe + (oddRe * c) - (oddIm * s), evenIm + (oddRe * s) + (oddIm * c));
    }

    private static float[] Table(Func<double, double> function)
    {
        var table = new float[Half + 1];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = (float)function(2 * Math.PI * i / Size);
        }

        return table;
    }

    private static byte[] BitReversal()
    {
        var table = new byte[Half];
        for (int i = 1; i < Half; i++)
        {
            table[i] = (byte)((table[i >> 1] >> 1) | ((i & 1) * (Half >> 1)));
        }

        return table;
    }
}
