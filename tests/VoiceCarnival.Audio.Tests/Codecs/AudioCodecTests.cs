using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Codecs;

public sealed class AudioCodecTests
{
    public static TheoryData<string> Names => [.. AudioCodecs.Available.Select(codec => codec.Name)];

    [Fact]
    public void Preference_IsWideBandFirst() =>
        Assert.Equal(["G722", "PCMU", "PCMA"], AudioCodecs.Available.Where(codec => codec != AudioCodecs.Opus).Select(codec => codec.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void ClockAndRate_FitTogether(string name)
    {
        var codec = AudioCodecs.Available.First(c => c.Name == name);
        Assert.Same(codec, AudioCodecs.Find(name.ToLowerInvariant(), codec.ClockRate));
        // The timestamp steps of RFC 3551 and RFC 7587.
        Assert.Equal(name == "opus" ? 960 : 160, codec.ClockUnitsOf(codec.SamplesOf(20)));
        Assert.Equal(codec.SamplesOf(20), codec.SamplesOfClockUnits(codec.ClockUnitsOf(codec.SamplesOf(20))));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gap_IsFilledWithoutClicks_AndFadesToSilence(string name)
    {
        var codec = AudioCodecs.Available.First(c => c.Name == name);
        using var encoder = codec.CreateEncoder();
        using var decoder = codec.CreateDecoder();
        int frame = codec.SamplesOf(20);
        short[] tone = Tone.Sine(200, TimeSpan.FromSeconds(1), codec.SampleRate);
        var payload = new byte[1280];
        var samples = new short[codec.SamplesOf(120)];
        var heard = new List<short>();
        for (int i = 0; i < 50; i++)
        {
            int length = encoder.Encode(tone.AsSpan(i * frame, frame), payload);
            if (i is 20 or 30 or 31)
            {
                decoder.Conceal(samples.AsSpan(0, frame));
                heard.AddRange(samples[..frame]);
                continue;
            }

            heard.AddRange(samples[..decoder.Decode(payload.AsSpan(0, length), samples)]);
        }

        short[] whole = [.. heard];
        short[] settled = whole[(10 * frame)..];
        Assert.Empty(AudioCheck.Clicks(settled, 12));
        Assert.InRange(AudioCheck.PowerShare(settled, 200, codec.SampleRate), 0.9, 1);
        for (int i = 0; i < 20; i++)
            decoder.Conceal(samples.AsSpan(0, frame));
        Assert.InRange(AudioCheck.Rms(samples.AsSpan(0, frame)), 0, 0.02);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnyPayload_IsDecodedOrRefused(string name)
    {
        var codec = AudioCodecs.Available.First(c => c.Name == name);
        using var decoder = codec.CreateDecoder();
        var random = new Random(2);
        int most = codec.SamplesOf(AudioDecoder.MaxPacketMilliseconds);
        var samples = new short[most];
        for (int i = 0; i < 2000; i++)
        {
            var payload = new byte[random.Next(1500)];
            random.NextBytes(payload);
            int expected = decoder.SamplesIn(payload);
            Assert.InRange(expected, 0, most);
            Assert.InRange(decoder.Decode(payload, samples), 0, expected);
        }

        Assert.Equal(0, decoder.Decode([], samples));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Frames_AllocateNothing(string name)
    {
        var codec = AudioCodecs.Available.First(c => c.Name == name);
        using var encoder = codec.CreateEncoder();
        using var decoder = codec.CreateDecoder();
        int frame = codec.SamplesOf(20);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1), codec.SampleRate);
        var payload = new byte[1280];
        var samples = new short[codec.SamplesOf(120)];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                int length = encoder.Encode(tone.AsSpan(i * frame, frame), payload);
                decoder.Decode(payload.AsSpan(0, length), samples);
                if (i % 10 == 0)
                    decoder.Recover(payload.AsSpan(0, length), samples.AsSpan(0, frame));
            }
        }));
    }
}
