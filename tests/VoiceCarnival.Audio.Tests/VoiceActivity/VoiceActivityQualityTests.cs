using System.Globalization;
using VoiceCarnival.Audio.Tests.Signals;
using Xunit;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

/// <summary>Measures detector and segmenter at their defaults against labels of clean speech. The output is the tables of the README.</summary>
public sealed class VoiceActivityQualityTests(ITestOutputHelper output)
{
    private const int Seeds = 4;
    private static readonly int[] Rates = [8_000, 16_000, 24_000];

    [Theory]
    [InlineData("clean", 99, 0.88, 0.88)]
    [InlineData("white", 20, 0.88, 0.88)]
    [InlineData("white", 10, 0.85, 0.85)]
    [InlineData("white", 5, 0.84, 0.83)]
    [InlineData("white", 0, 0.75, 0.75)]
    [InlineData("pink", 20, 0.88, 0.88)]
    [InlineData("pink", 10, 0.86, 0.86)]
    [InlineData("pink", 5, 0.84, 0.83)]
    [InlineData("pink", 0, 0.75, 0.75)]
    [InlineData("babble", 20, 0.60, 0.60)]
    [InlineData("babble", 10, 0.60, 0.60)]
    public void SpeechInNoise_IsFound(string noise, int snr, double liveFloor, double reportedFloor)
    {
        foreach (int rate in Rates)
        {
            (FrameScore live, FrameScore reported) = Measure(noise, snr, rate);
            string level = noise == "clean" ? "" : $" {snr} dB";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {noise}{level} | {rate / 1000} kHz | {live.Precision:F2} / {live.Recall:F2} / {live.F1:F3} | {reported.Precision:F2} / {reported.Recall:F2} / {reported.F1:F3} |"));
            Assert.InRange(live.F1, liveFloor, 1);
            Assert.InRange(reported.F1, reportedFloor, 1);
        }
    }

    [Theory]
    [InlineData("white", -70)]
    [InlineData("white", -50)]
    [InlineData("white", -30)]
    [InlineData("pink", -70)]
    [InlineData("pink", -50)]
    [InlineData("pink", -30)]
    public void PureNoise_IsNotSpeech(string noise, int level)
    {
        double seconds = 0;
        int starts = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            double[] samples = Noise(noise, 24_000 * 60, TestNoise.Level(level), seed, 24_000);
            DetectionRun run = DetectionRun.Over(TestNoise.Pcm(samples), 24_000);
            seconds += run.SpeechSeconds() / Seeds;
            starts += run.Starts.Length;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {noise} {level} dBFS | {seconds:F2} s | {(double)starts / Seeds:F2} |"));
        Assert.InRange(seconds, 0, 0.6);
    }

    [Theory]
    [InlineData("white")]
    [InlineData("pink")]
    public void NoiseJumpOf15Db_IsSpeechForAMomentOnly(string noise)
    {
        double worst = 0;
        double later = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            double[] samples = Noise(noise, 24_000 * 30, TestNoise.Level(-55), seed, 24_000);
            double gain = Math.Pow(10, 15 / 20.0);
            for (int i = 24_000 * 10; i < samples.Length; i++)
            {
                samples[i] *= gain;
            }

            DetectionRun run = DetectionRun.Over(TestNoise.Pcm(samples), 24_000);
            worst = Math.Max(worst, run.SpeechSeconds(10, 13));
            later = Math.Max(later, run.SpeechSeconds(13));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {noise}, +15 dB after 10 s | {worst:F2} s | {later:F2} s |"));
        Assert.InRange(worst, 0, 0.8);
        Assert.InRange(later, 0, 0.3);
    }

    private static (FrameScore Live, FrameScore Reported) Measure(string noise, int snr, int rate)
    {
        short[] clean = TestSpeech.LoadAll(rate);
        bool[] labels = SpeechLabels.Of(clean, rate);
        double rms = SpeechLabels.ActiveRms(clean, rate) * Math.Pow(10, -snr / 20.0);
        FrameScore live = default;
        FrameScore reported = default;
        for (int seed = 0; seed < (noise == "clean" ? 1 : Seeds); seed++)
        {
            DetectionRun run = DetectionRun.Over(TestNoise.Mix(clean, Noise(noise, clean.Length, rms, seed, rate)), rate);
            live += FrameScore.Of(labels, run.Live);
            reported += FrameScore.Of(labels, run.Reported);
        }

        return (live, reported);
    }

    private static double[] Noise(string kind, int length, double rms, int seed, int rate) => kind switch
    {
        "white" => TestNoise.White(length, rms, seed),
        "pink" => TestNoise.Pink(length, rms, seed),
        "babble" => TestNoise.Babble(TestSpeech.LoadAll(rate), length, rms, seed),
        _ => new double[length],
    };
}
