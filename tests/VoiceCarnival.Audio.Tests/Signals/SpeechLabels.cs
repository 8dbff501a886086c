namespace VoiceCarnival.Audio.Tests.Signals;

/// <summary>Speech or not, per 20 ms frame, from the clean signal.</summary>
/// <remarks>
/// The active level is the mean power of the frames within 30 dB of the loudest. A frame is speech if its power is above the active
/// level minus 40 dB. Gaps of up to 200 ms between speech frames (stops, short pauses) are speech too. Silence before and after is not.
/// </remarks>
internal static class SpeechLabels
{
    private const double BelowActiveDb = -40;
    private const double ActiveRangeDb = -30;
    private const int LongestGapFrames = 10;

    public static bool[] Of(short[] clean, int sampleRate)
    {
        double[] power = FramePowers(clean, sampleRate);
        double limit = ActivePower(power) * Math.Pow(10, BelowActiveDb / 10);
        bool[] labels = [.. power.Select(p => p > limit)];
        int last = -1;
        for (int i = 0; i < labels.Length; i++)
        {
            if (!labels[i])
            {
                continue;
            }

            if (last >= 0 && i - last - 1 <= LongestGapFrames)
            {
                labels.AsSpan(last, i - last).Fill(true);
            }

            last = i;
        }

        return labels;
    }

    /// <summary>RMS of the active frames, in samples: the speech level that SNRs refer to.</summary>
    public static double ActiveRms(short[] clean, int sampleRate) => Math.Sqrt(ActivePower(FramePowers(clean, sampleRate)));

    private static double ActivePower(double[] power)
    {
        double limit = power.Max() * Math.Pow(10, ActiveRangeDb / 10);
        return power.Where(p => p >= limit).Average();
    }

    private static double[] FramePowers(short[] clean, int sampleRate)
    {
        int frame = sampleRate / 50;
        var power = new double[clean.Length / frame];
        for (int i = 0; i < power.Length; i++)
        {
            foreach (short sample in clean.AsSpan(i * frame, frame))
            {
                power[i] += (double)sample * sample / frame;
            }
        }

        return power;
    }
}
