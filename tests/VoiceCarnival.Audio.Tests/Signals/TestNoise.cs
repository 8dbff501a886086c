namespace VoiceCarnival.Audio.Tests.Signals;

/// <summary>Seeded noise and tones, as doubles in units of a PCM16 step.</summary>
internal static class TestNoise
{
    /// <summary>Gaussian white noise of the given RMS.</summary>
    public static double[] White(int length, double rms, int seed)
    {
        var random = new Random(seed);
        var noise = new double[length];
        for (int i = 0; i < length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            noise[i] = rms * radius * Math.Cos(2 * Math.PI * random.NextDouble());
        }

        return noise;
    }

    /// <summary>Pink noise (-3 dB per octave from about 20 Hz) of the given RMS: Kellet's filter of white noise.</summary>
    public static double[] Pink(int length, double rms, int seed)
    {
        double[] noise = White(length, 1, seed);
        double b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0;
        for (int i = 0; i < length; i++)
        {
            double white = noise[i];
            b0 = (0.99886 * b0) + (white * 0.0555179);
            b1 = (0.99332 * b1) + (white * 0.0750759);
            b2 = (0.96900 * b2) + (white * 0.1538520);
            b3 = (0.86650 * b3) + (white * 0.3104856);
            b4 = (0.55000 * b4) + (white * 0.5329522);
            b5 = (-0.7616 * b5) - (white * 0.0168980);
            noise[i] = b0 + b1 + b2 + b3 + b4 + b5 + b6 + (white * 0.5362);
            b6 = white * 0.115926;
        }

        return WithRms(noise, rms);
    }

    /// <summary>Eight copies of speech, started at different places and looped: many voices, no words.</summary>
    public static double[] Babble(short[] speech, int length, double rms, int seed)
    {
        var random = new Random(seed);
        var noise = new double[length];
        for (int voice = 0; voice < 8; voice++)
        {
            int start = random.Next(speech.Length);
            for (int i = 0; i < length; i++)
            {
                noise[i] += speech[(start + i) % speech.Length];
            }
        }

        return WithRms(noise, rms);
    }

    public static double[] Tone(int length, double frequency, int sampleRate, double amplitude)
    {
        var tone = new double[length];
        for (int i = 0; i < length; i++)
        {
            tone[i] = amplitude * Math.Sin(2 * Math.PI * frequency * i / sampleRate);
        }

        return tone;
    }

    /// <summary>Amplitude or RMS of a level in dBFS.</summary>
    public static double Level(double dbfs) => 32768 * Math.Pow(10, dbfs / 20);

    public static short[] Pcm(double[] noise) => [.. noise.Select(Clip)];

    public static short[] Mix(short[] speech, double[] noise)
    {
        var mix = new short[speech.Length];
        for (int i = 0; i < mix.Length; i++)
        {
            mix[i] = Clip(speech[i] + noise[i]);
        }

        return mix;
    }

    private static short Clip(double value) => (short)Math.Clamp(Math.Round(value), short.MinValue, short.MaxValue);

    private static double[] WithRms(double[] noise, double rms)
    {
        double gain = rms / Math.Sqrt(noise.Average(x => x * x));
        for (int i = 0; i < noise.Length; i++)
        {
            noise[i] *= gain;
        }

        return noise;
    }
}
