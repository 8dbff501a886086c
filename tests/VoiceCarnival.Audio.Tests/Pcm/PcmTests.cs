using VoiceCarnival.Audio.Pcm;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Pcm;

public sealed class PcmTests
{
    [Fact]
    public void Bytes_AreLittleEndian()
    {
        var samples = new short[2];

        Assert.Equal(2, Pcm16.BytesToSamples([0x01, 0x80, 0xFF, 0x7F, 0x55], samples));
        Assert.Equal([-32767, short.MaxValue], samples);
    }

    [Fact]
    public void EverySample_SurvivesBytesAndFloats()
    {
        short[] samples = [.. Enumerable.Range(short.MinValue, 65536).Select(i => (short)i)];
        var bytes = new byte[samples.Length * 2];
        var floats = new float[samples.Length];
        var back = new short[samples.Length];

        Assert.Equal(bytes.Length, Pcm16.SamplesToBytes(samples, bytes));
        Assert.Equal(samples.Length, Pcm16.BytesToSamples(bytes, back));
        Assert.Equal(samples, back);
        Pcm16.ToFloat(samples, floats);
        Pcm16.FromFloat(floats, back);
        Assert.Equal(samples, back);
    }

    [Theory]
    [InlineData(1f, short.MaxValue)]
    [InlineData(2f, short.MaxValue)]
    [InlineData(-1f, short.MinValue)]
    [InlineData(float.NegativeInfinity, short.MinValue)]
    [InlineData(float.PositiveInfinity, short.MaxValue)]
    [InlineData(float.NaN, 0)]
    public void FloatOutOfRange_IsClipped(float value, short sample) => Assert.Equal(sample, Pcm16.FromFloat(value));

    [Fact]
    public void ShortDestination_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Pcm16.SamplesToBytes(new short[2], new byte[3]));

    [Fact]
    public void Levels_AreThoseOfKnownSignals()
    {
        short[] square = [16384, -16384, 16384, -16384];

        Assert.Equal(-6.02, PcmLevel.RmsDbfs(square), 2);
        Assert.Equal(0.5, PcmLevel.Peak(square));
        Assert.Equal(PcmLevel.SilenceDbfs, PcmLevel.RmsDbfs(new short[10]));
        Assert.Equal(0, PcmLevel.Rms([]));
        Assert.Equal(1, PcmLevel.Peak([short.MinValue]));
        Assert.Equal(0.1, PcmLevel.FromDb(-20), 9);
    }

    [Fact]
    public void Gain_ClipsAtFullScale()
    {
        short[] samples = [20000, -20000, 100];
        PcmGain.Apply(samples, 2);
        Assert.Equal([short.MaxValue, short.MinValue, (short)200], samples);
    }

    [Fact]
    public void Fades_StartAndEndInSilence()
    {
        short[] rising = [1000, 1000, 1000, 1000];
        short[] falling = [1000, 1000, 1000, 1000];
        PcmGain.FadeIn(rising);
        PcmGain.FadeOut(falling);
        Assert.Equal([0, 250, 500, 750], rising.Select(s => (int)s));
        Assert.Equal([1000, 750, 500, 250], falling.Select(s => (int)s));
    }

    [Fact]
    public void Mix_AddsAndClips()
    {
        short[] target = [1, 30000, -30000];
        PcmGain.Mix([2, 30000, -30000], target);
        Assert.Equal([3, short.MaxValue, short.MinValue], target.Select(s => (int)s));
    }
}
