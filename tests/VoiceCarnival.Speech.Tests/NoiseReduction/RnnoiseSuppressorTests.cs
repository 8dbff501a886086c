using VoiceCarnival.Speech.NoiseReduction;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Speech.Tests.NoiseReduction;

public sealed class RnnoiseSuppressorTests
{
    public static TheoryData<int> Rates => [8_000, 16_000, 24_000, 48_000];

    [Theory]
    [InlineData(24_000)]
    [InlineData(8_000)]
    public void NoiseInPauses_IsGone_AndSpeechStays(int rate)
    {
        short[] speech = SpeechSignals.At(rate, "question.wav");
        short[] noise = Tone.Noise(3, TimeSpan.FromSeconds((double)speech.Length / rate), rate, 0.03);
        short[] mixed = [.. speech.Zip(noise, (s, n) => (short)Math.Clamp(s + n, short.MinValue, short.MaxValue))];
        int delay;
        short[] clean = [.. mixed, .. mixed];
        using (var suppressor = new RnnoiseSuppressor(rate))
        {
            delay = (int)(suppressor.Delay.TotalSeconds * rate);
            for (int i = 0; i + suppressor.FrameSamples <= clean.Length; i += suppressor.FrameSamples)
                suppressor.Process(clean.AsSpan(i, suppressor.FrameSamples));
        }

        // The second time, when the network knows the noise: half a second of pause at the beginning, speech in the middle.
        int half = rate / 2;
        var second = clean.AsSpan(mixed.Length);
        double pauseDb = Decibels(second.Slice(delay, half - (rate / 10))) - Decibels(mixed.AsSpan(0, half - (rate / 10)));
        double speechDb = Decibels(second.Slice(half + delay, rate * 3)) - Decibels(speech.AsSpan(half, rate * 3));
        Assert.InRange(pauseDb, -100, -15);
        Assert.InRange(speechDb, -4, 2);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Frames_AllocateNothing(int rate)
    {
        using var suppressor = new RnnoiseSuppressor(rate);
        short[] frame = Tone.Noise(1, TimeSpan.FromMilliseconds(10), rate);

        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++)
                suppressor.Process(frame);
        }));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Extremes_DoNoHarm(int rate)
    {
        using var suppressor = new RnnoiseSuppressor(rate);
        var random = new Random(7);
        for (int i = 0; i < 100; i++)
        {
            short[] frame = [.. Enumerable.Range(0, suppressor.FrameSamples).Select(_ => random.Next(2) == 0 ? short.MinValue : short.MaxValue)];
            suppressor.Process(frame);
        }

        short[] silence = new short[suppressor.FrameSamples];
        for (int i = 0; i < 100; i++)
        {
            silence.AsSpan().Clear();
            suppressor.Process(silence);
        }

        Assert.All(silence, sample => Assert.InRange(sample, -100, 100));
    }

    [Fact]
    public void OtherRatesAndLengths_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RnnoiseSuppressor(44_100));
        using var suppressor = new RnnoiseSuppressor(24_000);
        Assert.Throws<ArgumentException>(() => suppressor.Process(new short[239]));
    }

    private static double Decibels(ReadOnlySpan<short> samples)
    {
        double sum = 1;
        foreach (short sample in samples)
            sum += (double)sample * sample;
        return 10 * Math.Log10(sum / samples.Length);
    }
}
