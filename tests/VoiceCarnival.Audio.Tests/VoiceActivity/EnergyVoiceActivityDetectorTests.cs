using VoiceCarnival.Audio.Tests.Signals;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Testing;
using Xunit;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

public sealed class EnergyVoiceActivityDetectorTests
{
    private const int Rate = 24_000;

    public static TheoryData<int> Rates => [8_000, 16_000, 24_000];

    [Theory]
    [MemberData(nameof(Rates))]
    public void DigitalSilence_IsNeverSpeech(int rate)
    {
        DetectionRun run = DetectionRun.Over(new short[rate * 5], rate);

        Assert.All(run.Probabilities, p => Assert.Equal(0, p));
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void QuietCleanSpeech_IsDetected(int rate)
    {
        short[] speech = TestSpeech.WithPeak(TestSpeech.LoadAll(rate), -45);

        DetectionRun run = DetectionRun.Over(speech, rate);

        FrameScore score = FrameScore.Of(SpeechLabels.Of(TestSpeech.LoadAll(rate), rate), run.Live);
        Assert.InRange(score.Recall, 0.7, 1);
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void NoiseFromTheFirstFrame_IsNotSpeechForLong(int rate)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            DetectionRun run = DetectionRun.Over(TestNoise.Pcm(TestNoise.White(rate * 5, TestNoise.Level(-40), seed)), rate);

            Assert.InRange(run.SpeechSeconds(), 0, 0.5);
        }
    }

    [Theory]
    [InlineData(-65)]
    [InlineData(-50)]
    [InlineData(-35)]
    public void NoiseAfterDigitalSilence_DoesNotTrigger(double level)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            double[] noise = TestNoise.White(Rate * 4, TestNoise.Level(level), seed);
            noise.AsSpan(0, Rate).Clear();

            Assert.Empty(DetectionRun.Over(TestNoise.Pcm(noise), Rate).Starts);
        }
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(-30)]
    public void ToneOfOneSecond_IsActivityFromTheOnset(double level)
    {
        var signal = new double[Rate * 2];
        TestNoise.Tone(Rate, 440, Rate, TestNoise.Level(level)).CopyTo(signal, Rate / 2);

        DetectionRun run = DetectionRun.Over(TestNoise.Pcm(signal), Rate);

        TimeSpan start = Assert.Single(run.Starts);
        Assert.InRange(start.TotalSeconds, 0.5, 0.56);
        Assert.InRange(run.SpeechSeconds(), 0.8, 1.3);
    }

    [Fact]
    public void SteadyTone_StopsCountingAfterTwoSeconds()
    {
        DetectionRun run = DetectionRun.Over(TestNoise.Pcm(TestNoise.Tone(Rate * 8, 440, Rate, TestNoise.Level(-20))), Rate);

        Assert.InRange(run.SpeechSeconds(0, 2.6), 1, 2.6);
        Assert.Equal(0, run.SpeechSeconds(2.6));
    }

    [Theory]
    [InlineData(440)]
    [InlineData(150)]
    public void TonesBetweenDigitalSilence_AreEachActivity(double hz)
    {
        var signal = new double[Rate * 20];
        for (int turn = 0; turn < 10; turn++)
            TestNoise.Tone(Rate, hz, Rate, TestNoise.Level(-15)).CopyTo(signal, (turn * 2 * Rate) + (Rate / 2));

        Assert.Equal(10, DetectionRun.Over(TestNoise.Pcm(signal), Rate).Starts.Length);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("question")]
    [InlineData("barge-in")]
    public void CrispStart_IsDecidedWithin60Milliseconds(string name)
    {
        short[] speech = TestSpeech.Load(name);

        // The first vowel rises through a third of its peak. Breath before it, after pure silence, may count or not.
        int voiced = Array.FindIndex(speech, s => Math.Abs((int)s) > 5_000) / (Rate / 50);

        DetectionRun run = DetectionRun.Over(speech, Rate);

        Assert.InRange((run.Starts[0] - TimeSpan.FromMilliseconds(20 * voiced)).TotalMilliseconds, -200, 60);
    }

    [Fact]
    public void Pauses_SeparateUtterances()
    {
        DetectionRun run = DetectionRun.Over(TestSpeech.Load("barge-in"), Rate);

        bool[] labels = SpeechLabels.Of(TestSpeech.Load("barge-in"), Rate);
        int second = Array.LastIndexOf(labels, false, Array.LastIndexOf(labels, true)) + 1;
        Assert.Contains(run.Starts, start => Math.Abs((start.TotalMilliseconds / 20) - second) < 10);
        Assert.False(run.Live[second - 5]);
    }

    [Fact]
    public void SpeechAfterManyMinutesOfNoise_IsStillDetected()
    {
        double[] noise = TestNoise.Pink(Rate * 180, TestNoise.Level(-50), 3);
        short[] speech = [.. new short[Rate * 175], .. TestSpeech.Load("question")];
        short[] mix = TestNoise.Mix(speech, noise);

        DetectionRun run = DetectionRun.Over(mix, Rate);

        Assert.InRange(run.SpeechSeconds(175), 2, 5);
    }

    [Fact]
    public void Reset_ForgetsEverything()
    {
        short[] samples = TestNoise.Mix(TestSpeech.Load("hello"), TestNoise.White(TestSpeech.Load("hello").Length, 100, 1));
        var detector = new EnergyVoiceActivityDetector(Rate);
        float[] first = Run(detector, samples);

        detector.Reset();

        Assert.Equal(first, Run(detector, samples));
    }

    [Fact]
    public void FullScaleAndExtremes_StayWithinZeroAndOne()
    {
        var random = new Random(7);
        var detector = new EnergyVoiceActivityDetector(Rate);
        var frame = new short[detector.FrameSamples];
        for (int i = 0; i < 500; i++)
        {
            for (int j = 0; j < frame.Length; j++)
            {
                frame[j] = (i % 4) switch
                {
                    0 => random.Next(2) == 0 ? short.MinValue : short.MaxValue,
                    1 => short.MinValue,
                    2 => 0,
                    _ => (short)random.Next(-2, 3),
                };
            }

            Assert.InRange(detector.Process(frame), 0, 1);
        }
    }

    [Theory]
    [InlineData(44_100)]
    [InlineData(0)]
    public void UnsupportedRate_IsRefused(int rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EnergyVoiceActivityDetector(rate));

    [Fact]
    public void FrameOfWrongLength_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new EnergyVoiceActivityDetector(Rate).Process(new short[100]));

    [Theory]
    [MemberData(nameof(Rates))]
    public void Process_AllocatesNothing(int rate)
    {
        short[] samples = TestSpeech.LoadAll(rate);
        var detector = new EnergyVoiceActivityDetector(rate);

        Assert.Equal(0, Allocations.Least(() => Sweep(detector, samples)));
    }

    private static float[] Run(EnergyVoiceActivityDetector detector, short[] samples)
    {
        var result = new float[samples.Length / detector.FrameSamples];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = detector.Process(samples.AsSpan(i * detector.FrameSamples, detector.FrameSamples));
        }

        return result;
    }

    private static void Sweep(EnergyVoiceActivityDetector detector, short[] samples)
    {
        for (int i = 0; i + detector.FrameSamples <= samples.Length; i += detector.FrameSamples)
        {
            detector.Process(samples.AsSpan(i, detector.FrameSamples));
        }
    }
}
