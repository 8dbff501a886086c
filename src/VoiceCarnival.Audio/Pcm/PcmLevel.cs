namespace VoiceCarnival.Audio.Pcm;

/// <summary>Levels of PCM16 audio. 0 dBFS is a full-scale square wave; a full-scale sine reads -3.01 dBFS.</summary>
public static class PcmLevel
{
    /// <summary>What digital silence and an empty span read, in dBFS: below any real 16-bit signal.</summary>
    public const double SilenceDbfs = -120;

    /// <summary>Root mean square, 0 to 1 of full scale.</summary>
    public static double Rms(ReadOnlySpan<short> samples)
    {
        if (samples.IsEmpty)
        {
            return 0;
        }

        long sum = 0;
        foreach (short sample in samples)
        {
            sum += sample * sample;
        }

        return Math.Sqrt((double)sum / samples.Length) / 32768;
    }

    /// <summary>Root mean square in dBFS, never below <see cref="SilenceDbfs"/>.</summary>
    public static double RmsDbfs(ReadOnlySpan<short> samples) => ToDb(Rms(samples));

    /// <summary>Largest magnitude, 0 to 1 of full scale.</summary>
    public static double Peak(ReadOnlySpan<short> samples)
    {
        int peak = 0;
        foreach (short sample in samples)
        {
            int magnitude = sample < 0 ? -sample : sample;
            peak = Math.Max(peak, magnitude);
        }

        return peak / 32768.0;
    }

    /// <summary>Amplitude ratio to decibels, never below <see cref="SilenceDbfs"/>.</summary>
    public static double ToDb(double amplitude) => amplitude <= 1e-6 ? SilenceDbfs : 20 * Math.Log10(amplitude);

    /// <summary>Decibels to amplitude ratio.</summary>
    public static double FromDb(double decibels) => Math.Pow(10, decibels / 20);
}
