extern alias embedded;

using embedded::VoiceCarnival.Speech.NoiseReduction;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Engines.Tests.Local.Support;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class NoiseReductionTests
{
    private const string Asked = "\"audio\":{\"input\":{\"noise_reduction\":{\"type\":\"near_field\"},\"turn_detection\":null}}";

    private static byte[] Heard(DialogueHarness h, byte[] sent, params int[] pieces)
    {
        for (int at = 0, i = 0; at < sent.Length; i++)
        {
            int n = Math.Min(pieces[i % pieces.Length], sent.Length - at);
            h.SendAudioAtOnce(sent.AsSpan(at, n));
            at += n;
        }

        var events = h.Send("""{"type":"input_audio_buffer.commit"}""");
        string id = events.First(e => e.Type == "input_audio_buffer.committed").Text("item_id")!;
        var item = Assert.Single(h.Send($$"""{"type":"conversation.item.retrieve","item_id":"{{id}}"}"""));
        return Convert.FromBase64String(item.Text("item.content.0.audio")!);
    }

    [Fact]
    public void WhereTheSessionAsksForIt_TheSuppressorHearsFirst()
    {
        var h = new DialogueHarness(suppressor: static format => new Halver(format.SampleRate));
        h.Update(Asked);
        short[] samples = [.. Enumerable.Range(0, 4800).Select(i => (short)(2 * i))];

        // Whatever the pieces, halves of samples among them.
        byte[] heard = Heard(h, Tone.ToBytes(samples), 1, 7, 960, 333, 4800);

        Assert.Equal(samples.Select(s => (short)(s / 2)), Tone.FromBytes(heard));
        h.CheckFlow();
    }

    [Fact]
    public void WhereItDoesNot_NothingIsChanged()
    {
        var made = new List<Halver>();
        var h = new DialogueHarness(suppressor: format =>
        {
            made.Add(new Halver(format.SampleRate));
            return made[^1];
        });
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        byte[] sent = Tone.ToBytes([.. Enumerable.Range(0, 4800).Select(i => (short)i)]);
        Assert.Equal(sent, Heard(h, sent, 480));
        Assert.Empty(made);

        h.Update(Asked);
        h.Update("\"audio\":{\"input\":{\"noise_reduction\":null}}");

        Assert.True(Assert.Single(made).IsDisposed);
        Assert.Equal(sent, Heard(h, sent, 480));
    }

    [Fact]
    public void AnotherFormat_GetsASuppressorOfItsOwn_AndTheEndOfTheSessionGivesItBack()
    {
        var made = new List<Halver>();
        var h = new DialogueHarness(suppressor: format =>
        {
            made.Add(new Halver(format.SampleRate));
            return made[^1];
        });
        h.Update(Asked);
        h.Update("\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"}}}");
        h.Dialogue.Abandon();

        Assert.Equal([24_000, 8_000], made.Select(suppressor => suppressor.SampleRate));
        Assert.All(made, suppressor => Assert.True(suppressor.IsDisposed));
    }

    [Fact]
    public void WithRnnoise_ThePauseIsQuieterThanWithout()
    {
        short[] speech = Speech.Question;
        byte[] noisy = Tone.ToBytes(Speech.InNoise([.. speech, .. speech], 10, seed: 3));
        var plain = new DialogueHarness();
        plain.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        var reduced = new DialogueHarness(suppressor: static format => new RnnoiseSuppressor(format.SampleRate));
        reduced.Update(Asked);

        // The second time, when the network knows the noise: the half second before the words.
        int pause = speech.Length + 2400;
        double before = Power(Tone.FromBytes(Heard(plain, noisy, 960)).AsSpan(pause, 7200));
        double after = Power(Tone.FromBytes(Heard(reduced, noisy, 960)).AsSpan(pause, 7200));

        Assert.InRange(after, 0, before / 30);
    }

    private static double Power(ReadOnlySpan<short> samples)
    {
        double sum = 0;
        foreach (short sample in samples)
            sum += (double)sample * sample;
        return sum / samples.Length;
    }

    private sealed class Halver(int rate) : INoiseSuppressor
    {
        public int SampleRate => rate;

        public int FrameSamples => rate / 100;

        public TimeSpan Delay => TimeSpan.Zero;

        public bool IsDisposed { get; private set; }

        public void Process(Span<short> frame)
        {
            Assert.False(IsDisposed);
            foreach (ref short sample in frame)
                sample /= 2;
        }

        public void Dispose() => IsDisposed = true;
    }
}
