using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Testing.Tests.Audio;

public sealed class AudioCheckTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(97, 24000)]
    [InlineData(440, 24000)]
    [InlineData(1004.5, 8000)]
    [InlineData(3301, 8000)]
    [InlineData(7013, 48000)]
    public void Tone_IsFoundAtItsFrequency(double hertz, int rate)
    {
        short[] tone = Tone.Sine(hertz, Second, rate);

        Assert.Equal(hertz, AudioCheck.DominantFrequency(tone, rate), tolerance: 1.0);
        Assert.True(AudioCheck.PowerShare(tone, hertz, rate) > 0.95);
    }

    [Fact]
    public void ToneInNoise_IsFound()
    {
        short[] tone = Tone.Sine(612, Second, amplitude: 0.2);
        short[] noise = Tone.Noise(7, Second, amplitude: 0.2);
        short[] both = [.. tone.Zip(noise, (left, right) => (short)(left + right))];

        Assert.Equal(612, AudioCheck.DominantFrequency(both), tolerance: 1.0);
    }

    [Fact]
    public void Noise_IsNoTone() => Assert.True(AudioCheck.PowerShare(Tone.Noise(1, Second), 1000) < 0.05);

    [Fact]
    public void Silence_HasNoFrequencyAndNoLevel()
    {
        Assert.Equal(0, AudioCheck.DominantFrequency(Tone.Silence(Second)));
        Assert.Equal(double.NegativeInfinity, AudioCheck.Decibels(Tone.Silence(Second)));
    }

    [Fact]
    public void ToneAtHalfScale_HasItsLevel() => Assert.Equal(-9.03, AudioCheck.Decibels(Tone.Sine(1000, Second)), tolerance: 0.05);

    [Fact]
    public void SameSeed_GivesTheSameNoise()
    {
        Assert.Equal(Tone.Noise(3, Second), Tone.Noise(3, Second));
        Assert.NotEqual(Tone.Noise(3, Second), Tone.Noise(4, Second));
    }

    [Fact]
    public void DelayedChirp_IsFoundAtItsLag()
    {
        short[] chirp = Tone.Chirp(300, 3000, TimeSpan.FromMilliseconds(200));
        short[] signal = [.. Tone.Silence(TimeSpan.FromMilliseconds(137)), .. chirp.Select(sample => (short)(sample / 3)), .. new short[500]];

        var (lag, correlation) = AudioCheck.Find(chirp, signal);

        Assert.Equal(3288, lag);
        Assert.Equal(1, correlation, tolerance: 0.001);
    }

    [Fact]
    public void ForeignSignal_IsNotFound()
    {
        short[] chirp = Tone.Chirp(300, 3000, TimeSpan.FromMilliseconds(200));

        Assert.True(AudioCheck.Find(chirp, Tone.Noise(5, Second)).Correlation < 0.2);
    }

    [Fact]
    public void LostFrame_IsAGap()
    {
        short[] tone = Tone.Sine(440, Second);
        tone.AsSpan(4800, 480).Clear();

        var gap = Assert.Single(AudioCheck.Gaps(tone, TimeSpan.FromMilliseconds(5)));

        Assert.InRange(gap.Start, 4799, 4800);
        Assert.InRange(gap.Length, 480, 482);
    }

    [Fact]
    public void SilenceAroundASound_IsNoGap() => Assert.Empty(AudioCheck.Gaps(
        [.. new short[2400], .. Tone.Sine(440, Second), .. new short[2400]], TimeSpan.FromMilliseconds(5)));

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    [InlineData(4000)]
    public void CleanTone_HasNoClick(double hertz) => Assert.Empty(AudioCheck.Clicks(Tone.Sine(hertz, Second)));

    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public void SkippedSamples_AreAClick(double hertz)
    {
        short[] tone = Tone.Sine(hertz, Second);
        short[] skipped = [.. tone[..9000], .. tone[9007..]];

        int click = Assert.Single(AudioCheck.Clicks(skipped));

        Assert.InRange(click, 8998, 9002);
    }

    [Fact]
    public void BytesAndSamples_ConvertBothWays()
    {
        short[] samples = [0, 1, -1, short.MinValue, short.MaxValue];

        Assert.Equal([0, 0, 1, 0, 255, 255, 0, 128, 255, 127], Tone.ToBytes(samples));
        Assert.Equal(samples, Tone.FromBytes(Tone.ToBytes(samples)));
    }
}
