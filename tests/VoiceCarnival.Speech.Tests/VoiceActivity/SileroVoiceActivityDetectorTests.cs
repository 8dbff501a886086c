using System.Globalization;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Speech.Tests.VoiceActivity;

public sealed class SileroVoiceActivityDetectorTests(ITestOutputHelper output)
{
    public static TheoryData<int> Rates => [8_000, 16_000, 24_000, 48_000];

    [Theory]
    [InlineData(8_000)]
    [InlineData(16_000)]
    public void EveryFrame_IsJudgedAsOnnxRuntimeJudgesIt(int rate)
    {
        float[] expected = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Golden", $"silero-{rate}.txt")).Select(line => float.Parse(line, CultureInfo.InvariantCulture))];

        float[] actual = Run(new SileroVoiceActivityDetector(rate), SileroSignal.At(rate));

        Assert.Equal(expected.Length, actual.Length);
        float worst = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        output.WriteLine($"{rate} Hz: {actual.Length} frames, largest difference {worst:E1}");
        Assert.InRange(worst, 0, 2e-5f);
    }

    [Theory]
    [InlineData(24_000)]
    [InlineData(48_000)]
    public void HigherRates_AreJudgedAsTheSameSoundAt16kHz(int rate)
    {
        short[] at48 = SpeechFile.Read("barge-in-48k.wav");

        float[] expected = Run(new SileroVoiceActivityDetector(16_000), Resample(at48, 48_000, 16_000));
        float[] actual = Run(new SileroVoiceActivityDetector(rate), Resample(at48, 48_000, rate));

        // The filters differ, so the numbers do a little where they are neither here nor there.
        Assert.Equal(expected.Length, actual.Length, 1.0);
        int same = expected.Zip(actual).Count(pair => pair.First >= 0.5f == pair.Second >= 0.5f);
        Assert.InRange(same, expected.Length - 4, expected.Length);
        Assert.InRange(actual.Count(p => p >= 0.5f), 40, 90);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void SilenceNoiseAndTones_AreNotSpeech(int rate)
    {
        var time = TimeSpan.FromSeconds(3);
        foreach (short[] sound in (short[][])[Tone.Silence(time, rate), Tone.Noise(1, time, rate), Tone.Noise(2, time, rate, 0.01), Tone.Sine(440, time, rate), Tone.Chirp(200, 3000, time, rate)])
            Assert.InRange(Run(new SileroVoiceActivityDetector(rate), sound).Max(), 0, 0.5f);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Frames_AllocateNothing(int rate)
    {
        var detector = new SileroVoiceActivityDetector(rate);
        short[] noise = Tone.Noise(1, TimeSpan.FromSeconds(1), rate);

        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i + detector.FrameSamples <= noise.Length; i += detector.FrameSamples)
                detector.Process(noise.AsSpan(i, detector.FrameSamples));
        }));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void Reset_ForgetsEverything(int rate)
    {
        short[] speech = Resample(SpeechFile.Read("hello.wav"), 24_000, rate);
        var detector = new SileroVoiceActivityDetector(rate);
        float[] first = Run(detector, speech);

        detector.Reset();

        Assert.Equal(first, Run(detector, speech));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void FullScaleNoise_StaysWithinZeroAndOne(int rate)
    {
        var random = new Random(7);
        var detector = new SileroVoiceActivityDetector(rate);
        short[] extremes = [.. Enumerable.Range(0, rate).Select(_ => random.Next(2) == 0 ? short.MinValue : short.MaxValue)];

        Assert.All(Run(detector, extremes), p => Assert.InRange(p, 0, 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(11_025)]
    [InlineData(44_100)]
    public void OtherRates_AreRefused(int rate) => Assert.Throws<ArgumentOutOfRangeException>(() => new SileroVoiceActivityDetector(rate));

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(513)]
    public void FramesOfAnotherLength_AreRefused(int length) =>
        Assert.Throws<ArgumentException>(() => new SileroVoiceActivityDetector(16_000).Process(new short[length]));

    private static float[] Run(SileroVoiceActivityDetector detector, short[] samples)
    {
        var probabilities = new float[samples.Length / detector.FrameSamples];
        for (int i = 0; i < probabilities.Length; i++)
            probabilities[i] = detector.Process(samples.AsSpan(i * detector.FrameSamples, detector.FrameSamples));
        return probabilities;
    }

    private static short[] Resample(short[] samples, int from, int to)
    {
        var resampler = new Resampler(from, to);
        var resampled = new short[resampler.OutputLength(samples.Length)];
        resampler.Process(samples, resampled);
        return resampled;
    }
}
