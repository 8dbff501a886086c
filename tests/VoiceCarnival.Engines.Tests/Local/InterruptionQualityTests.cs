extern alias embedded;

using System.Globalization;
using embedded::VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Tests.Signals;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>
/// What counts as an interruption, with the second detector and without, which is how turns are found that interrupt nobody: the second must not buy its speed with false starts. The output is the table of the
/// local engine's README.
/// </summary>
public sealed class InterruptionQualityTests(ITestOutputHelper output)
{
    private const int Rate = 8000; // as phones have it
    private const int Seeds = 4;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("white -30 dBFS", 0)]
    [InlineData("pink -30 dBFS", 0)]
    [InlineData("music -20 dBFS", 0.5)]
    [InlineData("music -30 dBFS", 0.5)]
    [InlineData("babble -30 dBFS", 1.5)]
    [InlineData("echo -20 dB", 15)]
    [InlineData("echo -30 dB", 15)]
    [InlineData("echo -40 dB", 17)]
    public void WhatIsNobody_StartsHardlyMoreThanWithOneDetector(string kind, double most)
    {
        double one = 0, two = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            short[] sound = Sound(kind, seed);
            double minutes = (double)sound.Length / Rate / 60;
            one += Starts(sound, mayInterrupt: false).Count / minutes / Seeds;
            two += Starts(sound, mayInterrupt: true).Count / minutes / Seeds;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {one:F1} | {two:F1} |"));
        Assert.InRange(two, 0, most);
        Assert.InRange(two, 0, (1.1 * one) + 0.2);
    }

    [Theory]
    [InlineData("clean", 99, 0)]
    [InlineData("white", 20, 0)]
    [InlineData("white", 10, 0)]
    [InlineData("pink", 10, 0)]
    [InlineData("babble", 20, 0.25)] // the price of being sooner
    public void WhoSpeaks_IsFoundAsWell_AndSooner(string noise, int snr, double lost)
    {
        if (TestSpeech.LoadRecordings(Rate) is not { } speech)
        {
            Assert.Skip("pocketsphinx-testdata is not installed.");
            return;
        }

        var words = Stretches(SpeechLabels.Of(speech, Rate));
        double rms = SpeechLabels.ActiveRms(speech, Rate) * Math.Pow(10, -snr / 20.0);
        Tally one = default, two = default;
        for (int seed = 0; seed < Seeds; seed++)
        {
            short[] mixed = noise == "clean" ? speech : TestNoise.Mix(speech, Noise(noise, speech.Length, rms, seed));
            one += Tally.Of(words, Starts(mixed, mayInterrupt: false));
            two += Tally.Of(words, Starts(mixed, mayInterrupt: true));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {noise} {snr} dB | {one} | {two} |"));
        Assert.InRange(two.Precision, one.Precision - lost - 0.02, 1);
        Assert.InRange(two.Recall, one.Recall - lost - 0.02, 1);
        Assert.InRange(one.Delay - two.Delay, 5, 60);
    }

    private static short[] Sound(string kind, int seed)
    {
        double level = double.Parse(kind.Split(' ')[1], CultureInfo.InvariantCulture);
        int length = (int)(Minute.TotalSeconds * Rate);
        switch (kind.Split(' ')[0])
        {
            case "echo":
                // The agent's voice as it comes back through a telephone, so much lower.
                double gain = Math.Pow(10, level / 20);
                return [.. TestSpeech.LoadAll(Rate).Skip(seed * 37).Select(sample => (short)(sample * gain))];
            case "music":
                return Music(length, TestNoise.Level(level), seed);
            default:
                return TestNoise.Pcm(Noise(kind.Split(' ')[0], length, TestNoise.Level(level), seed));
        }
    }

    private static double[] Noise(string kind, int length, double rms, int seed) => kind switch
    {
        "white" => TestNoise.White(length, rms, seed),
        "pink" => TestNoise.Pink(length, rms, seed),
        _ => TestNoise.Babble(TestSpeech.LoadAll(Rate), length, rms, seed),
    };

    // Chords that are struck twice a second, a melody over them and a drum below: 120 beats a minute.
    private static short[] Music(int length, double rms, int seed)
    {
        var random = new Random(seed);
        var sound = new double[length];
        double[] scale = [.. new[] { 0, 2, 4, 5, 7, 9, 11 }.Select(step => 220 * Math.Pow(2, step / 12.0))];
        for (int beat = 0; beat * Rate / 2 < length; beat++)
        {
            int root = random.Next(scale.Length);
            foreach (int third in new[] { 0, 2, 4 })
                Strike(scale[(root + third) % scale.Length], 1, Rate);
            Strike(2 * scale[random.Next(scale.Length)], 1.5, Rate / 2);
            Strike(55, 3, Rate / 8);

            void Strike(double frequency, double amplitude, int samples)
            {
                for (int i = 0; i < samples && (beat * Rate / 2) + i < length; i++)
                {
                    double decay = Math.Exp(-4.0 * i / samples);
                    for (int harmonic = 1; harmonic <= 5 && harmonic * frequency < Rate / 2; harmonic++)
                        sound[(beat * Rate / 2) + i] += amplitude * decay / harmonic * Math.Sin(Math.Tau * harmonic * frequency * i / Rate);
                }
            }
        }

        double gain = rms / Math.Sqrt(sound.Average(sample => sample * sample));
        return TestNoise.Pcm([.. sound.Select(sample => sample * gain)]);
    }

    // Words with less than half a second between them are one interruption: seconds of begin and end.
    private static List<(double Begin, double End)> Stretches(bool[] labels)
    {
        var stretches = new List<(double Begin, double End)>();
        for (int i = 0; i < labels.Length; i++)
        {
            if (!labels[i])
                continue;
            double at = i * 0.02;
            if (stretches.Count > 0 && at - stretches[^1].End < 0.5)
                stretches[^1] = (stretches[^1].Begin, at + 0.02);
            else
                stretches.Add((at, at + 0.02));
        }

        return stretches;
    }

    // When starts are announced, in seconds, by packets of 20 ms.
    private static List<double> Starts(short[] audio, bool mayInterrupt)
    {
        var detector = new TurnDetector(() => new SileroVoiceActivityDetector(Rate), new AudioFormat(AudioEncoding.Pcm16, Rate), new TurnDetectionSettings { SilenceDurationMs = 500 })
        { MayInterrupt = mayInterrupt };
        byte[] bytes = Tone.ToBytes(audio);
        var starts = new List<double>();
        const int Packet = Rate / 50 * 2;
        for (int at = 0; at < bytes.Length; at += Packet)
        {
            var packet = bytes.AsSpan(at, Math.Min(Packet, bytes.Length - at));
            while (packet.Length > 0)
            {
                if (detector.Process(packet, out int taken) == SpeechTransition.Started)
                    starts.Add((double)(at + Packet) / 2 / Rate);
                packet = packet[taken..];
            }
        }

        return starts;
    }

    private readonly record struct Tally(int Hits, int False, int Missed, double DelaySum)
    {
        public double Precision => (double)Hits / Math.Max(1, Hits + False);

        public double Recall => (double)Hits / Math.Max(1, Hits + Missed);

        /// <summary>From the first sound of the words to the start, mean, ms.</summary>
        public double Delay => 1000 * DelaySum / Math.Max(1, Hits);

        public static Tally operator +(Tally a, Tally b) => new(a.Hits + b.Hits, a.False + b.False, a.Missed + b.Missed, a.DelaySum + b.DelaySum);

        public static Tally Of(List<(double Begin, double End)> words, List<double> starts)
        {
            var tally = default(Tally);
            foreach (var (begin, end) in words)
            {
                int found = starts.FindIndex(start => start >= begin && start <= end + 0.1);
                tally += found < 0 ? new Tally(0, 0, 1, 0) : new Tally(1, 0, 0, starts[found] - begin);
            }

            // A second start in the same words interrupts nobody any more: the agent is silent by then.
            return tally with { False = starts.Count(start => !words.Exists(word => start >= word.Begin && start <= word.End + 0.1)) };
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Precision:F2} / {Recall:F2}, {Delay:F0} ms");
    }
}
