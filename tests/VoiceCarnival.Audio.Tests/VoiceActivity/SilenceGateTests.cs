using VoiceCarnival.Audio.Tests.Signals;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Audio.Tests.VoiceActivity;

public sealed class SilenceGateTests
{
    private readonly Counting _inner = new();

    [Fact]
    public void Silence_IsJudgedForASecond_AndThenNoMore()
    {
        var gate = new SilenceGate(_inner);
        for (int i = 0; i < 500; i++)
            Assert.Equal(0.01f, gate.Process(new short[256]));
        Assert.InRange(_inner.Frames, 29, 32);
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(-9, true)]
    [InlineData(8, false)]
    [InlineData(-8, false)]
    public void AnySound_IsJudged(short sample, bool isSound)
    {
        var gate = new SilenceGate(_inner);
        for (int i = 0; i < 100; i++)
            gate.Process(new short[256]);
        int before = _inner.Frames;
        short[] frame = new short[256];
        frame[255] = sample;

        gate.Process(frame);

        Assert.Equal(isSound ? 1 : 0, _inner.Frames - before);
    }

    [Fact]
    public void SilenceThatIsTakenForSpeech_IsJudgedOn()
    {
        _inner.Answer = 0.6f;
        var gate = new SilenceGate(_inner);
        for (int i = 0; i < 100; i++)
            gate.Process(new short[256]);
        Assert.Equal(100, _inner.Frames);
    }

    [Fact]
    public void FramesOfAnotherLength_AreTheDetectorsToRefuse() =>
        Assert.Throws<ArgumentException>(() => new SilenceGate(new SileroVoiceActivityDetector(8000)).Process(new short[255]));

    /// <summary>Silence has brought the network nearly to rest by then: what comes after it is judged as if all of it had been heard.</summary>
    [Theory]
    [InlineData(8000)]
    [InlineData(24_000)]
    public void SpeechAfterSilence_IsJudgedAsWithoutTheGate(int rate)
    {
        var whole = new SileroVoiceActivityDetector(rate);
        var gated = new SilenceGate(new SileroVoiceActivityDetector(rate));
        short[] speech = TestSpeech.LoadAll(rate);
        short[] samples = [.. speech, .. Tone.Silence(TimeSpan.FromSeconds(20), rate), .. speech];
        int frames = 0, others = 0;
        for (int i = 0; i + whole.FrameSamples <= samples.Length; i += whole.FrameSamples)
        {
            var frame = samples.AsSpan(i, whole.FrameSamples);
            frames++;
            if (whole.Process(frame) >= 0.5f != gated.Process(frame) >= 0.5f)
                others++;
        }

        Assert.InRange(others, 0, frames / 100);
    }

    private sealed class Counting : IVoiceActivityDetector
    {
        public int Frames { get; private set; }

        public float Answer { get; set; } = 0.01f;

        public int SampleRate => 8000;

        public int FrameSamples => 256;

        public float Process(ReadOnlySpan<short> frame)
        {
            Frames++;
            return Answer;
        }

        public void Reset() => Frames = 0;
    }
}
