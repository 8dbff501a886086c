using Xunit;

namespace VoiceCarnival.Audio.Tests;

public sealed class AudioFormatTests
{
    [Theory]
    [InlineData("audio/pcm", 24000, 2, 48)]
    [InlineData("audio/pcmu", 8000, 1, 8)]
    [InlineData("audio/pcma", 8000, 1, 8)]
    public void WireName_GivesTheFormat(string name, int rate, int bytesPerSample, int bytesPerMillisecond)
    {
        Assert.True(AudioFormat.TryParse(name, out AudioFormat format));
        Assert.Equal(name, format.WireType);
        Assert.Equal(rate, format.SampleRate);
        Assert.Equal(bytesPerSample, format.BytesPerSample);
        Assert.Equal(bytesPerMillisecond, format.BytesPerMillisecond);
        Assert.Equal(TimeSpan.FromMilliseconds(20), format.DurationOf(20 * bytesPerMillisecond));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("pcm16")]
    [InlineData("audio/opus")]
    public void UnknownName_IsNotParsed(string? name) => Assert.False(AudioFormat.TryParse(name, out _));

    [Theory]
    [InlineData("audio/pcm", 0)]
    [InlineData("audio/pcmu", 400)]
    [InlineData("audio/pcma", 400)]
    public void EncodedAudio_DecodesToAboutTheSame(string name, int tolerance)
    {
        Assert.True(AudioFormat.TryParse(name, out AudioFormat format));
        short[] samples = [.. Enumerable.Range(0, 100).Select(i => (short)(12000 * Math.Sin(i)))];
        var bytes = new byte[format.BytesOf(samples.Length)];
        var back = new short[format.SamplesIn(bytes.Length)];

        Assert.Equal(bytes.Length, format.Encode(samples, bytes));
        Assert.Equal(samples.Length, format.Decode(bytes, back));
        Assert.All(samples.Zip(back), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
    }
}
