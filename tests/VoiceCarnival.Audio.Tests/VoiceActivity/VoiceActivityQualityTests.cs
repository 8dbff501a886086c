using System.Globalization;
using VoiceCarnival.Audio.Tests.Signals;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Speech.VoiceActivity;
using Xunit;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

/// <summary>Measures both detectors with the segmenter at their defaults against labels of clean speech. The output is the tables of the README.</summary>
public sealed class VoiceActivityQualityTests(ITestOutputHelper output)
{
    private const int Seeds = 4;
    private static readonly int[] Rates = [8_000, 16_000, 24_000];

    [Theory]
    [InlineData("energy", "clean", 99, 0.88, 0.88)]
    [InlineData("energy", "white", 20, 0.88, 0.88)]
    [InlineData("energy", "white", 10, 0.85, 0.85)]
    [InlineData("energy", "white", 5, 0.84, 0.83)]
    [InlineData("energy", "white", 0, 0.75, 0.75)]
    [InlineData("energy", "pink", 20, 0.88, 0.88)]
    [InlineData("energy", "pink", 10, 0.86, 0.86)]
    [InlineData("energy", "pink", 5, 0.84, 0.83)]
    [InlineData("energy", "pink", 0, 0.75, 0.75)]
    [InlineData("energy", "babble", 20, 0.60, 0.60)]
    [InlineData("energy", "babble", 10, 0.60, 0.60)]
    [InlineData("silero", "clean", 99, 0.81, 0.89)]
    [InlineData("silero", "white", 20, 0.81, 0.89)]
    [InlineData("silero", "white", 10, 0.78, 0.87)]
    [InlineData("silero", "white", 5, 0.77, 0.85)]
    [InlineData("silero", "white", 0, 0.74, 0.82)]
    [InlineData("silero", "pink", 20, 0.81, 0.90)]
    [InlineData("silero", "pink", 10, 0.79, 0.88)]
    [InlineData("silero", "pink", 5, 0.77, 0.85)]
    [InlineData("silero", "pink", 0, 0.75, 0.82)]
    [InlineData("silero", "babble", 20, 0.65, 0.67)]
    [InlineData("silero", "babble", 10, 0.62, 0.62)]
    public void SpeechInNoise_IsFound(string detector, string noise, int snr, double liveFloor, double reportedFloor)
    {
        foreach (int rate in Rates)
        {
            (FrameScore live, FrameScore reported) = Measure(detector, TestSpeech.LoadAll(rate), noise, snr, rate);
            string level = noise == "clean" ? "" : $" {snr} dB";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {detector} | {noise}{level} | {rate / 1000} kHz | {live.Precision:F2} / {live.Recall:F2} / {live.F1:F3} | {reported.Precision:F2} / {reported.Recall:F2} / {reported.F1:F3} |"));
            Assert.InRange(live.F1, liveFloor, 1);
            Assert.InRange(reported.F1, reportedFloor, 1);
        }
    }

    [Theory]
    [InlineData("energy", "clean", 99, 0.90)]
    [InlineData("energy", "white", 20, 0.86)]
    [InlineData("energy", "white", 10, 0.78)]
    [InlineData("energy", "white", 0, 0.50)]
    [InlineData("energy", "pink", 20, 0.89)]
    [InlineData("energy", "pink", 10, 0.84)]
    [InlineData("energy", "pink", 0, 0.60)]
    [InlineData("silero", "clean", 99, 0.91)]
    [InlineData("silero", "white", 20, 0.89)]
    [InlineData("silero", "white", 10, 0.88)]
    [InlineData("silero", "white", 0, 0.82)]
    [InlineData("silero", "pink", 20, 0.89)]
    [InlineData("silero", "pink", 10, 0.88)]
    [InlineData("silero", "pink", 0, 0.81)]
    public void RecordedSpeechInNoise_IsFound(string detector, string noise, int snr, double floor)
    {
        foreach (int rate in (int[])[8_000, 24_000])
        {
            if (TestSpeech.LoadRecordings(rate) is not { } speech)
            {
                Assert.Skip("pocketsphinx-testdata is not installed.");
                return;
            }

            (FrameScore live, FrameScore reported) = Measure(detector, speech, noise, snr, rate);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {detector}, recorded | {noise} {snr} dB | {rate / 1000} kHz | {live.Precision:F2} / {live.Recall:F2} / {live.F1:F3} | {reported.Precision:F2} / {reported.Recall:F2} / {reported.F1:F3} |"));
            Assert.InRange(reported.F1, floor, 1);
        }
    }

    [Theory]
    [InlineData("energy", "white", -70)]
    [InlineData("energy", "white", -50)]
    [InlineData("energy", "white", -30)]
    [InlineData("energy", "pink", -70)]
    [InlineData("energy", "pink", -50)]
    [InlineData("energy", "pink", -30)]
    [InlineData("silero", "white", -70)]
    [InlineData("silero", "white", -50)]
    [InlineData("silero", "white", -30)]
    [InlineData("silero", "pink", -70)]
    [InlineData("silero", "pink", -50)]
    [InlineData("silero", "pink", -30)]
    public void PureNoise_IsNotSpeech(string detector, string noise, int level)
    {
        double seconds = 0;
        int starts = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            double[] samples = Noise(noise, 24_000 * 60, TestNoise.Level(level), seed, 24_000);
            DetectionRun run = DetectionRun.Over(TestNoise.Pcm(samples), Detector(detector, 24_000));
            seconds += run.SpeechSeconds() / Seeds;
            starts += run.Starts.Length;
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {detector} | {noise} {level} dBFS | {seconds:F2} s | {(double)starts / Seeds:F2} |"));
        Assert.InRange(seconds, 0, 0.6);
    }

    [Theory]
    [InlineData("energy", "white")]
    [InlineData("energy", "pink")]
    [InlineData("silero", "white")]
    [InlineData("silero", "pink")]
    public void NoiseJumpOf15Db_IsSpeechForAMomentOnly(string detector, string noise)
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

            DetectionRun run = DetectionRun.Over(TestNoise.Pcm(samples), Detector(detector, 24_000));
            worst = Math.Max(worst, run.SpeechSeconds(10, 13));
            later = Math.Max(later, run.SpeechSeconds(13));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {detector} | {noise}, +15 dB after 10 s | {worst:F2} s | {later:F2} s |"));
        Assert.InRange(worst, 0, 0.8);
        Assert.InRange(later, 0, 0.3);
    }

    private static (FrameScore Live, FrameScore Reported) Measure(string detector, short[] clean, string noise, int snr, int rate)
    {
        bool[] labels = SpeechLabels.Of(clean, rate);
        double rms = SpeechLabels.ActiveRms(clean, rate) * Math.Pow(10, -snr / 20.0);
        FrameScore live = default;
        FrameScore reported = default;
        for (int seed = 0; seed < (noise == "clean" ? 1 : Seeds); seed++)
        {
            DetectionRun run = DetectionRun.Over(TestNoise.Mix(clean, Noise(noise, clean.Length, rms, seed, rate)), Detector(detector, rate));
            live += FrameScore.Of(labels, run.Live);
            reported += FrameScore.Of(labels, run.Reported);
        }

        return (live, reported);
    }

    private static IVoiceActivityDetector Detector(string name, int rate) => name == "silero" ? new SileroVoiceActivityDetector(rate) : new EnergyVoiceActivityDetector(rate);

    private static double[] Noise(string kind, int length, double rms, int seed, int rate) => kind switch
    {
        "white" => TestNoise.White(length, rms, seed),
        "pink" => TestNoise.Pink(length, rms, seed),
        "babble" => TestNoise.Babble(TestSpeech.LoadAll(rate), length, rms, seed),
        _ => new double[length],
    };
}
