using System.Numerics;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Testing.Audio;

/// <summary>Measures PCM16 audio, so that tests compare what is heard and not bytes.</summary>
public static class AudioCheck
{
    /// <summary>Root mean square, 0 to 1.</summary>
    public static double Rms(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (short sample in samples)
        {
            sum += (double)sample * sample;
        }

        return samples.IsEmpty ? 0 : Math.Sqrt(sum / samples.Length) / short.MaxValue;
    }

    /// <summary>Level relative to full scale in decibels; silence is negative infinity.</summary>
    public static double Decibels(ReadOnlySpan<short> samples) => 20 * Math.Log10(Rms(samples));

    /// <summary>Goertzel: how much of the signal's power lies at a frequency, 0 to 1; a pure tone there has 1.</summary>
    public static double PowerShare(ReadOnlySpan<short> samples, double hertz, int rate = Tone.DefaultRate)
    {
        double coefficient = 2 * Math.Cos(Math.Tau * hertz / rate);
        double previous = 0, beforePrevious = 0, energy = 0;
        foreach (short sample in samples)
        {
            double current = sample + (coefficient * previous) - beforePrevious;
            beforePrevious = previous;
            previous = current;
            energy += (double)sample * sample;
        }

        double power = (previous * previous) + (beforePrevious * beforePrevious) - (coefficient * previous * beforePrevious);
        return energy == 0 ? 0 : Math.Min(1, 2 * power / (energy * samples.Length));
    }

    /// <summary>The frequency with the most power, to about a hertz; 0 for silence.</summary>
    public static double DominantFrequency(
        ReadOnlySpan<short> samples, int rate = Tone.DefaultRate, double fromHertz = 50, double toHertz = double.NaN)
    {
        if (Rms(samples) == 0)
        {
            return 0;
        }

        toHertz = double.IsNaN(toHertz) ? rate / 2.0 : toHertz;
        // A bin is rate/length wide. The first look uses a part of the signal and half bins, so that no tone falls between two.
        var look = samples[..Math.Min(samples.Length, 2048)];
        double step = rate / (2.0 * look.Length);
        double best = Peak(look, rate, fromHertz, toHertz, step);
        while (step > 0.5)
        {
            look = samples[..Math.Min(samples.Length, look.Length * 4)];
            double near = step;
            step /= 4;
            best = Peak(look, rate, best - near, best + near, step);
        }

        return best;
    }

    /// <summary>Finds a reference in a signal by normalised cross-correlation: where it starts, and how alike it is (1 is the same shape).</summary>
    /// <param name="reference">What to look for.</param>
    /// <param name="signal">Where to look.</param>
    /// <param name="maximumLag">The last sample position tried; by default every one where the reference fits whole.</param>
    public static (int Lag, double Correlation) Find(ReadOnlySpan<short> reference, ReadOnlySpan<short> signal, int maximumLag = int.MaxValue)
    {
        (int Lag, double Correlation) best = (0, double.NegativeInfinity);
        int length = reference.Length, last = Math.Min(maximumLag, signal.Length - length);
        if (last < 0)
            return best;
        float[] wanted = ToFloats(reference), heard = ToFloats(signal[..(last + length)]);
        long wantedEnergy = Energy(reference), energy = Energy(signal[..length]);
        for (int lag = 0; lag <= last; lag++)
        {
            double correlation = wantedEnergy == 0 || energy == 0 ? 0 : Product(wanted, heard.AsSpan(lag, length)) / Math.Sqrt((double)wantedEnergy * energy);
            if (correlation > best.Correlation)
            {
                best = (lag, correlation);
            }

            if (lag < last)
                energy += (signal[lag + length] * signal[lag + length]) - (signal[lag] * signal[lag]);
        }

        return best;
    }

    /// <summary>Normalised correlation of two signals of the same length, -1 to 1; loudness does not matter.</summary>
    public static double Correlation(ReadOnlySpan<short> left, ReadOnlySpan<short> right)
    {
        if (left.Length != right.Length)
        {
            throw new ArgumentException("Both signals must have the same length.", nameof(right));
        }

        long product = 0, leftEnergy = 0, rightEnergy = 0;
        for (int i = 0; i < left.Length; i++)
        {
            product += left[i] * right[i];
            leftEnergy += left[i] * left[i];
            rightEnergy += right[i] * right[i];
        }

        return leftEnergy == 0 || rightEnergy == 0 ? 0 : product / Math.Sqrt((double)leftEnergy * rightEnergy);
    }

    /// <summary>The silences inside a signal: not the ones before its first and after its last sound.</summary>
    /// <param name="samples">The signal.</param>
    /// <param name="minimum">A shorter silence is no gap.</param>
    /// <param name="rate">Samples per second.</param>
    /// <param name="threshold">A sample up to here is silence.</param>
    public static IReadOnlyList<SampleRange> Gaps(
        ReadOnlySpan<short> samples, TimeSpan minimum, int rate = Tone.DefaultRate, int threshold = 16)
    {
        var gaps = new List<SampleRange>();
        int minimumLength = (int)(minimum.TotalSeconds * rate);
        int lastSound = -1;
        for (int i = 0; i < samples.Length; i++)
        {
            if (Math.Abs((int)samples[i]) <= threshold)
            {
                continue;
            }

            int length = i - lastSound - 1;
            if (lastSound >= 0 && length > 0 && length >= minimumLength)
            {
                gaps.Add(new(lastSound + 1, length));
            }

            lastSound = i;
        }

        return gaps;
    }

    /// <summary>The places where the signal jumps, as it does when samples were lost, repeated or joined badly.</summary>
    /// <param name="samples">The signal: tones or speech; noise has no clicks to tell.</param>
    /// <param name="sensitivity">How many times sharper than its surroundings a bend must be; a tone's own peak is 1.4.</param>
    public static IReadOnlyList<int> Clicks(ReadOnlySpan<short> samples, double sensitivity = 6)
    {
        const int Surroundings = 96;
        const int Quietest = 48; // A bend below this is not heard, however silent its surroundings.
        var clicks = new List<int>();
        for (int i = 1; i < samples.Length - 1; i++)
        {
            double bend = Math.Abs(Bend(samples, i));
            if (bend <= Quietest || (clicks.Count > 0 && i - clicks[^1] <= 4))
            {
                continue;
            }

            double sum = 0;
            int count = 0;
            int to = Math.Min(samples.Length - 2, i + Surroundings);
            for (int j = Math.Max(1, i - Surroundings); j <= to; j++)
            {
                if (Math.Abs(j - i) > 3)
                {
                    double other = Bend(samples, j);
                    sum += other * other;
                    count++;
                }
            }

            if (count > 0 && bend > sensitivity * Math.Sqrt(sum / count))
            {
                clicks.Add(i);
            }
        }

        return clicks;
    }

    private static float[] ToFloats(ReadOnlySpan<short> samples)
    {
        float[] floats = new float[samples.Length];
        for (int i = 0; i < floats.Length; i++)
            floats[i] = samples[i];
        return floats;
    }

    private static long Energy(ReadOnlySpan<short> samples)
    {
        long energy = 0;
        foreach (short sample in samples)
            energy += sample * sample;
        return energy;
    }

    private static double Product(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var lefts = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rights = MemoryMarshal.Cast<float, Vector<float>>(right);
        Vector<float> sum = default, other = default;
        int i = 0;
        for (; i + 1 < lefts.Length; i += 2)
        {
            sum += lefts[i] * rights[i];
            other += lefts[i + 1] * rights[i + 1];
        }

        if (i < lefts.Length)
            sum += lefts[i] * rights[i];
        double product = Vector.Sum(sum + other);
        for (i = lefts.Length * Vector<float>.Count; i < left.Length; i++)
            product += left[i] * right[i];
        return product;
    }

    private static double Bend(ReadOnlySpan<short> samples, int i) => samples[i - 1] - (2.0 * samples[i]) + samples[i + 1];

    private static double Peak(ReadOnlySpan<short> samples, int rate, double from, double to, double step)
    {
        double best = from, bestShare = -1;
        for (double hertz = Math.Max(step, from); hertz <= to; hertz += step)
        {
            double share = PowerShare(samples, hertz, rate);
            if (share > bestShare)
            {
                (best, bestShare) = (hertz, share);
            }
        }

        return best;
    }
}
