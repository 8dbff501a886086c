extern alias embedded;

using embedded::VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

/// <summary>How soon an interruption is found, with the network's detector, and that nothing but speech is one.</summary>
public sealed class TurnDetectorTests
{
    private const int Rate = 8000;
    private const int PerMs = Rate / 1000;

    [Theory]
    [InlineData("hello")]
    [InlineData("counting")]
    [InlineData("barge-in")]
    public void WordOverTheAgent_IsFoundAFrameSooner_WhereverItBegins(string file)
    {
        short[] word = Word(file);
        var alone = new List<int>();
        var over = new List<int>();
        for (int lead = 0; lead < 256; lead += 16)
        {
            short[] audio = [.. new short[Rate + lead], .. word];
            alone.Add(Assert.Single(Starts(audio, mayInterrupt: false)) - (Rate + lead));
            over.Add(Assert.Single(Starts(audio, mayInterrupt: true)) - (Rate + lead));
        }

        Assert.InRange(alone.Average() - over.Average(), 20.0 * PerMs, 45.0 * PerMs);
        Assert.InRange(over.Max(), 0, 100 * PerMs);
    }

    [Fact]
    public void KnocksTonesAndNoise_InterruptNobody()
    {
        var random = new Random(5);
        short[] noise = Tone.Noise(1, TimeSpan.FromSeconds(30), Rate, 0.1);
        short[] tones = [.. Enumerable.Range(0, 20).SelectMany(i => Tone.Sine(300 + (70 * i), TimeSpan.FromMilliseconds(500), Rate, 0.2).Concat(new short[Rate / 2]))];
        short[] knocks = new short[Rate * 30];
        for (int at = 0; at + 1200 < knocks.Length; at += (Rate / 2) + random.Next(Rate / 4))
        {
            for (int i = 0; i < 1200; i++)
                knocks[at + i] = (short)(20_000 * Math.Sin(Math.Tau * 180 * i / Rate) * Math.Exp(-i / 240.0));
        }

        foreach (short[] audio in (short[][])[noise, tones, knocks])
            Assert.Empty(Starts(audio, mayInterrupt: true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AgentThatIsHeardNowAndThen_ChangesNothingInTheTurns(int seed)
    {
        var random = new Random(seed);
        var detector = Detector();
        byte[] bytes = Bytes([.. new short[Rate], .. Word("hello"), .. new short[2 * Rate]]);
        var found = new List<SpeechTransition>();
        for (int at = 0; at < bytes.Length;)
        {
            detector.MayInterrupt = random.Next(2) == 0;
            var change = detector.Process(bytes.AsSpan(at, Math.Min(random.Next(1, 700), bytes.Length - at)), out int taken);
            at += taken;
            if (change != SpeechTransition.None)
                found.Add(change);
        }

        Assert.Equal([SpeechTransition.Started, SpeechTransition.Stopped], found);
    }

    [Fact]
    public void DetectorOfShortFrames_HasNoSecond()
    {
        int made = 0;
        var detector = new TurnDetector(
            () =>
            {
                made++;
                return new EnergyVoiceActivityDetector(Rate);
            },
            new AudioFormat(AudioEncoding.Pcm16, Rate),
            new TurnDetectionSettings { SilenceDurationMs = 500 })
        { MayInterrupt = true };

        detector.Process(Bytes(Word("hello")), out _);

        Assert.Equal(1, made);
    }

    // From where somebody speaks on; one second, without the pauses that would make two turns of it.
    private static short[] Word(string file)
    {
        short[] speech = Speech.Resample(Speech.Load(file), 24_000, Rate);
        return speech[Array.FindIndex(speech, sample => Math.Abs((int)sample) > 1000)..][..Rate];
    }

    private static TurnDetector Detector() =>
        new(() => new SileroVoiceActivityDetector(Rate), new AudioFormat(AudioEncoding.Pcm16, Rate), new TurnDetectionSettings { SilenceDurationMs = 500 });

    // Where starts are announced: in samples, at the end of the packet of 5 ms that tells.
    private static List<int> Starts(short[] audio, bool mayInterrupt)
    {
        var detector = Detector();
        detector.MayInterrupt = mayInterrupt;
        byte[] bytes = Bytes(audio);
        var starts = new List<int>();
        for (int at = 0; at < bytes.Length; at += 80)
        {
            var packet = bytes.AsSpan(at, Math.Min(80, bytes.Length - at));
            while (packet.Length > 0)
            {
                if (detector.Process(packet, out int taken) == SpeechTransition.Started)
                    starts.Add((at + 80) / 2);
                packet = packet[taken..];
            }
        }

        return starts;
    }

    private static byte[] Bytes(short[] samples) => Tone.ToBytes(samples);
}
