using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Tests.Signals;
using VoiceCarnival.Testing;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Resampling;

public sealed class ResamplerTests
{
    public static TheoryData<int, int> RatePairs => new()
    {
        { 8_000, 24_000 }, { 24_000, 8_000 }, { 16_000, 24_000 }, { 24_000, 16_000 }, { 48_000, 24_000 }, { 24_000, 48_000 },
        { 44_100, 24_000 }, { 24_000, 44_100 }, { 22_050, 24_000 }, { 48_000, 8_000 }, { 8_000, 48_000 },
    };

    [Theory]
    [MemberData(nameof(RatePairs))]
    public void ToneInPassband_KeepsLevelPhaseAndPurity(int from, int to)
    {
        var resampler = new Resampler(from, to);
        foreach (double part in (double[])[0.05, 0.125, 0.25, 0.4])
        {
            double frequency = part * Math.Min(from, to);
            short[] output = Convert(resampler, TestNoise.Pcm(TestNoise.Tone(from, frequency, from, 20_000)));
            double error = 0;
            double signal = 0;
            int skip = to / 20;
            for (int i = skip; i < output.Length; i++)
            {
                double time = ((double)i / to) - ((double)resampler.GroupDelayInputSamples / from);
                double expected = 20_000 * Math.Sin(2 * Math.PI * frequency * time);
                error += (output[i] - expected) * (output[i] - expected);
                signal += expected * expected;
            }

            double snr = 10 * Math.Log10(signal / error);
            Assert.True(snr >= 60, $"{from} to {to} at {frequency} Hz: {snr:F1} dB");
            resampler.Reset();
        }
    }

    [Theory]
    [MemberData(nameof(RatePairs))]
    public void ToneAboveOutputNyquist_IsRejected(int from, int to)
    {
        if (to >= from)
        {
            return;
        }

        foreach (double frequency in (double[])[to * 0.51, to * 0.6, to * 0.75])
        {
            if (frequency >= from * 0.5)
            {
                continue;
            }

            short[] output = Convert(new Resampler(from, to), TestNoise.Pcm(TestNoise.Tone(from, frequency, from, 20_000)));
            Assert.InRange(LevelDb(output.AsSpan(to / 10, to / 2), 20_000), -200, -50);
        }
    }

    [Theory]
    [MemberData(nameof(RatePairs))]
    public void ToneBelowInputNyquist_LeavesNoImage(int from, int to)
    {
        if (to <= from)
        {
            return;
        }

        // What is left of a tone near the upper edge after removing it is images and noise.
        double frequency = 0.35 * from;
        short[] output = Convert(new Resampler(from, to), TestNoise.Pcm(TestNoise.Tone(from, frequency, from, 20_000)));
        double image = Math.Min(from - frequency, to - (from - frequency));
        double re = 0;
        double im = 0;
        for (int i = to / 10; i < output.Length; i++)
        {
            re += output[i] * Math.Cos(2 * Math.PI * image * i / to);
            im += output[i] * Math.Sin(2 * Math.PI * image * i / to);
        }

        double amplitude = 2 * Math.Sqrt((re * re) + (im * im)) / (output.Length - (to / 10));
        Assert.InRange(20 * Math.Log10((amplitude + 1e-9) / 20_000), -300, -50);
    }

    [Theory]
    [MemberData(nameof(RatePairs))]
    public void AnySplitting_GivesTheSameSamplesAndExactLength(int from, int to)
    {
        short[] input = TestNoise.Pcm(TestNoise.White(7_919, 8_000, 5));
        short[] whole = Convert(new Resampler(from, to), input);
        Assert.Equal((int)((((long)input.Length * to) + from - 1) / from), whole.Length);

        var random = new Random(11);
        for (int round = 0; round < 5; round++)
        {
            var resampler = new Resampler(from, to);
            var parts = new List<short>();
            for (int at = 0; at < input.Length;)
            {
                int count = Math.Min(round == 0 ? 1 : random.Next(0, 1_500), input.Length - at);
                int length = resampler.OutputLength(count);
                var output = new short[length + 3];
                Assert.Equal(length, resampler.Process(input.AsSpan(at, count), output));
                parts.AddRange(output[..length]);
                at += count;
            }

            Assert.Equal(whole, parts);
        }
    }

    [Fact]
    public void FloatsAndSamples_Agree()
    {
        float[] input = [.. TestNoise.White(2_000, 0.1, 1).Select(x => (float)x)];
        var resampler = new Resampler(48_000, 24_000);
        var output = new float[resampler.OutputLength(input.Length)];
        resampler.Process(input, output);

        short[] samples = Convert(new Resampler(48_000, 24_000), [.. input.Select(x => (short)MathF.Round(x * 32768))]);

        Assert.All(samples.Zip(output), pair => Assert.InRange(pair.First - (pair.Second * 32768), -2, 2));
    }

    [Fact]
    public void Constant_StaysConstant()
    {
        short[] input = new short[4_000];
        input.AsSpan().Fill(10_000);

        Assert.All(Convert(new Resampler(44_100, 24_000), input)[200..], sample => Assert.InRange(sample, 9_999, 10_001));
    }

    [Fact]
    public void EqualRates_CopyWithoutDelay()
    {
        short[] input = TestNoise.Pcm(TestNoise.White(100, 1_000, 1));
        var resampler = new Resampler(24_000, 24_000);

        Assert.Equal(input, Convert(resampler, input));
        Assert.Equal(TimeSpan.Zero, resampler.GroupDelay);
    }

    [Fact]
    public void Reset_ForgetsThePast()
    {
        short[] input = TestNoise.Pcm(TestNoise.White(1_001, 1_000, 1));
        var resampler = new Resampler(44_100, 24_000);
        short[] first = Convert(resampler, input);

        resampler.Reset();

        Assert.Equal(first, Convert(resampler, input));
    }

    [Fact]
    public void ShortDestination_IsRefusedAndChangesNothing()
    {
        short[] input = TestNoise.Pcm(TestNoise.White(480, 1_000, 1));
        var resampler = new Resampler(24_000, 8_000);

        Assert.Throws<ArgumentException>(() => resampler.Process(input, new short[159]));
        Assert.Equal(Convert(new Resampler(24_000, 8_000), input), Convert(resampler, input));
    }

    [Theory]
    [InlineData(0, 24_000)]
    [InlineData(24_000, 1)]
    [InlineData(24_001, 23_999)]
    public void UnworkableRates_AreRefused(int from, int to) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Resampler(from, to));

    [Fact]
    public void Process_AllocatesNothing()
    {
        var input = new short[960];
        var output = new short[480];
        var resampler = new Resampler(48_000, 24_000);

        long allocated = Allocations.Least(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                resampler.Process(input, output);
            }
        });

        Assert.Equal(0, allocated);
    }

    private static short[] Convert(Resampler resampler, short[] input)
    {
        var output = new short[resampler.OutputLength(input.Length)];
        Assert.Equal(output.Length, resampler.Process(input, output));
        return output;
    }

    private static double LevelDb(ReadOnlySpan<short> samples, double amplitude)
    {
        double sum = 0;
        foreach (short sample in samples)
        {
            sum += (double)sample * sample;
        }

        return 10 * Math.Log10((sum / samples.Length / (amplitude * amplitude / 2)) + 1e-20);
    }
}
