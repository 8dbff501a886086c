using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Pcm;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Codecs;

public sealed class ComfortNoiseTests
{
    [Theory]
    [InlineData(30)]
    [InlineData(50)]
    [InlineData(70)]
    public void Level_IsWhatWasDescribed(int level)
    {
        Assert.Equal(-level, Noise([(byte)level]), 1.0);
        // A spectrum of any shape has the same power.
        Assert.Equal(-level, Noise([(byte)level, 200, 60, 127, 140]), 1.5);
    }

    [Fact]
    public void Colour_FollowsTheCoefficients()
    {
        var low = new short[8000];
        var noise = new ComfortNoise();
        noise.Update([30, 20]); // k1 near -1: each sample is much like the one before
        noise.Fill(low);
        Assert.True(AudioCheck.Correlation(low.AsSpan(1), low.AsSpan(0, low.Length - 1)) > 0.6);
        noise.Update([30, 234]);
        noise.Fill(low);
        Assert.True(AudioCheck.Correlation(low.AsSpan(1), low.AsSpan(0, low.Length - 1)) < -0.6);
    }

    [Fact]
    public void NothingDescribed_IsSilence_AndHostileDescriptions_StayBounded()
    {
        var samples = new short[1600];
        var noise = new ComfortNoise();
        noise.Update([]);
        noise.Fill(samples);
        Assert.All(samples, sample => Assert.Equal(0, sample));
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            var payload = new byte[random.Next(40)];
            random.NextBytes(payload);
            noise.Update(payload);
            noise.Fill(samples);
        }

        // Whatever came before, the next description counts.
        noise.Update([60]);
        noise.Fill(samples);
        noise.Fill(samples);
        Assert.Equal(-60, PcmLevel.RmsDbfs(samples), 1.5);
    }

    private static double Noise(byte[] description)
    {
        var noise = new ComfortNoise();
        noise.Update(description);
        var samples = new short[32_000];
        noise.Fill(samples);
        return PcmLevel.RmsDbfs(samples);
    }
}
