using VoiceCarnival.Audio.G711;
using Xunit;

namespace VoiceCarnival.Audio.Tests.G711;

public sealed class G711Tests
{
    /// <summary>Table 2a and 2b of G.711 in PCM16 scale: decision values to codes and codes to reconstructed values.</summary>
    [Theory]
    [InlineData(0, 0xFF)]
    [InlineData(-1, 0x7F)]
    [InlineData(32767, 0x80)]
    [InlineData(-32768, 0x00)]
    [InlineData(32124, 0x80)]
    [InlineData(-32124, 0x00)]
    [InlineData(8, 0xFE)]
    [InlineData(16, 0xFD)]
    [InlineData(1000, 0xCE)]
    [InlineData(-1000, 0x4E)]
    public void G711_Table2_MuLawEncodes(int sample, int code) => Assert.Equal(code, MuLaw.Encode((short)sample));

    [Theory]
    [InlineData(0x00, -32124)]
    [InlineData(0x80, 32124)]
    [InlineData(0x8F, 16764)]
    [InlineData(0x9F, 8316)]
    [InlineData(0xAF, 4092)]
    [InlineData(0xBF, 1980)]
    [InlineData(0xCF, 924)]
    [InlineData(0xDF, 396)]
    [InlineData(0xEF, 132)]
    [InlineData(0xFF, 0)]
    [InlineData(0x7F, 0)]
    public void G711_Table2_MuLawDecodes(int code, int sample) => Assert.Equal(sample, MuLaw.Decode((byte)code));

    [Theory]
    [InlineData(0, 0xD5)]
    [InlineData(-1, 0x55)]
    [InlineData(32767, 0xAA)]
    [InlineData(-32768, 0x2A)]
    [InlineData(1000, 0xFA)]
    [InlineData(-1000, 0x7A)]
    public void G711_Table1_ALawEncodes(int sample, int code) => Assert.Equal(code, ALaw.Encode((short)sample));

    [Theory]
    [InlineData(0xAA, 32256)]
    [InlineData(0x2A, -32256)]
    [InlineData(0xD5, 8)]
    [InlineData(0x55, -8)]
    [InlineData(0xC5, 264)]
    [InlineData(0xF5, 528)]
    [InlineData(0xE5, 1056)]
    [InlineData(0x95, 2112)]
    [InlineData(0x85, 4224)]
    [InlineData(0xB5, 8448)]
    [InlineData(0xA5, 16896)]
    public void G711_Table1_ALawDecodes(int code, int sample) => Assert.Equal(sample, ALaw.Decode((byte)code));

    [Fact]
    public void EveryCode_RoundTrips()
    {
        for (int code = 0; code < 256; code++)
        {
            // Minus zero is the one µ-law code that has no sample of its own.
            int expected = code == 0x7F ? 0xFF : code;
            Assert.Equal(expected, MuLaw.Encode(MuLaw.Decode((byte)code)));
            Assert.Equal(code, ALaw.Encode(ALaw.Decode((byte)code)));
        }
    }

    [Fact]
    public void EverySample_IsIdempotentMonotonicAndClose()
    {
        int lastMu = int.MinValue;
        int lastA = int.MinValue;
        for (int sample = short.MinValue; sample <= short.MaxValue; sample++)
        {
            short mu = MuLaw.Decode(MuLaw.Encode((short)sample));
            short a = ALaw.Decode(ALaw.Encode((short)sample));
            Assert.Equal(mu, MuLaw.Decode(MuLaw.Encode(mu)));
            Assert.Equal(a, ALaw.Decode(ALaw.Encode(a)));
            Assert.True(mu >= lastMu && a >= lastA, $"not monotonic at {sample}");
            (lastMu, lastA) = (mu, a);

            // Half a step, relative to the sample, plus the smallest step.
            Assert.InRange(Math.Abs(mu - sample), 0, (Math.Abs(sample) / 31) + 8);
            Assert.InRange(Math.Abs(a - sample), 0, (Math.Abs(sample) / 31) + 16);
        }
    }

    [Fact]
    public void Spans_MatchSingleSamples()
    {
        short[] samples = [.. Enumerable.Range(-500, 1000).Select(i => (short)(i * 65))];
        var mu = new byte[samples.Length];
        var a = new byte[samples.Length];
        MuLaw.Encode(samples, mu);
        ALaw.Encode(samples, a);
        var decoded = new short[samples.Length];

        Assert.Equal(samples.Select(MuLaw.Encode), mu);
        Assert.Equal(samples.Select(ALaw.Encode), a);
        MuLaw.Decode(mu, decoded);
        Assert.Equal(mu.Select(MuLaw.Decode), decoded);
        ALaw.Decode(a, decoded);
        Assert.Equal(a.Select(ALaw.Decode), decoded);
    }

    [Fact]
    public void SilenceCodes_AreWhatZeroEncodesTo()
    {
        Assert.Equal(MuLaw.Silence, MuLaw.Encode(0));
        Assert.Equal(ALaw.Silence, ALaw.Encode(0));
    }

    [Fact]
    public void ShortDestination_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => MuLaw.Encode(new short[2], new byte[1]));
        Assert.Throws<ArgumentException>(() => ALaw.Decode(new byte[2], new short[1]));
    }
}
