using System.Buffers.Binary;
using System.Security.Cryptography;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.G722;
using VoiceCarnival.Audio.Tests.Codecs;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Audio.Tests.G722;

public sealed class G722Tests
{
    private const int Rate = 16_000;

    [Fact]
    public void Speech_ComesThrough()
    {
        short[] speech = CodecRun.Speech(Rate);
        short[] heard = CodecRun.Through(AudioCodecs.G722, speech, out int bytes);
        Assert.Equal(heard.Length / 2, bytes);
        // Both filters delay by 22 samples together.
        var (lag, correlation) = AudioCheck.Find(speech.AsSpan(3200, 32_000), heard, 3200 + 200);
        Assert.Equal(22, lag - 3200);
        Assert.InRange(correlation, 0.995, 1);
    }

    /// <summary>G.722, section 2.5: flat within 1 dB from 100 Hz to 6 kHz, with its limit at 7 kHz.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(2500)]
    [InlineData(3400)]
    [InlineData(4600)]
    [InlineData(6000)]
    public void Tone_KeepsItsLevelAndPitch(double hertz)
    {
        short[] tone = Tone.Sine(hertz, TimeSpan.FromSeconds(1), Rate, 0.3);
        short[] heard = CodecRun.Through(AudioCodecs.G722, tone, out _)[4000..12_000];
        Assert.Equal(AudioCheck.Decibels(tone), AudioCheck.Decibels(heard), 1.0);
        Assert.Equal(hertz, AudioCheck.DominantFrequency(heard, Rate), 2.0);
        // The lower band has 6 bits, the higher one 2.
        Assert.True(AudioCheck.PowerShare(heard, hertz, Rate) > (hertz < 3800 ? 0.999 : 0.95), $"{AudioCheck.PowerShare(heard, hertz, Rate)}");
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(-30)]
    [InlineData(-50)]
    public void SignalToDistortion_FollowsTheLevel(int dbfs)
    {
        short[] tone = Tone.Sine(1020, TimeSpan.FromSeconds(1), Rate, Math.Pow(10, dbfs / 20.0));
        short[] heard = CodecRun.Through(AudioCodecs.G722, tone, out _)[4000..12_000];
        double share = AudioCheck.PowerShare(heard, 1020, Rate);
        double decibels = 10 * Math.Log10(share / Math.Max(1e-9, 1 - share));
        Assert.True(decibels > (dbfs == -50 ? 20 : 30), $"{decibels:F1} dB");
    }

    /// <summary>
    /// The same bits as another implementation of the recommendation: the digests are of what spandsp 0.0.6 (Debian bookworm) makes of these inputs, which leave room
    /// for the filters' overshoot. Where they do not, that version wraps around while this one limits, as the recommendation says.
    /// </summary>
    [Theory]
    [InlineData("noise", "356472fd7b5609ae 80d329ba86bcb11b")]
    [InlineData("chirp", "015d86eafdde97d4 e262c09b859a5dc5")]
    [InlineData("steps", "51138de0236e1324 eb5a2ecf7d3c89a5")]
    public void Bits_AreThoseOfAnotherImplementation(string signal, string digests)
    {
        short[] samples = Signal(signal);
        var codes = new byte[samples.Length / 2];
        using var encoder = new G722Encoder();
        Assert.Equal(codes.Length, encoder.Encode(samples, codes));
        using var decoder = new G722Decoder();
        var heard = new List<short>();
        var frame = new short[1920];
        foreach (byte[] part in codes.Chunk(160))
            heard.AddRange(frame[..decoder.Decode(part, frame)]);
        Assert.Equal(digests, $"{Digest(codes)} {Digest(Tone.ToBytes([.. heard]))}");
    }

    [Fact]
    public void AnyBytes_DecodeToTheSame_HoweverTheyAreCut()
    {
        var codes = new byte[3200];
        new Random(4).NextBytes(codes);
        using var whole = new G722Decoder();
        using var cut = new G722Decoder();
        List<short> first = [], second = [];
        var samples = new short[1920];
        foreach (byte[] part in codes.Chunk(800))
            first.AddRange(samples[..whole.Decode(part, samples)]);
        foreach (byte[] part in codes.Chunk(7))
            second.AddRange(samples[..cut.Decode(part, samples)]);
        Assert.Equal(first, second);
    }

    [Fact]
    public void OddSampleAndShortRoom_AreLeftOut()
    {
        using var encoder = new G722Encoder();
        Assert.Equal(2, encoder.Encode(new short[5], new byte[8]));
        Assert.Equal(0, encoder.Encode(new short[320], new byte[100]));
        using var decoder = new G722Decoder();
        Assert.Equal(0, decoder.Decode(new byte[4], new short[1]));
        Assert.Equal(1920, decoder.SamplesIn(new byte[5000]));
    }

    private static short[] Signal(string name)
    {
        switch (name)
        {
            case "noise":
                var noise = new short[32_000];
                uint state = 1;
                for (int i = 0; i < noise.Length; i++)
                {
                    state = state * 1664525 + 1013904223;
                    noise[i] = (short)((short)(state >> 16) / 2);
                }

                return noise;
            case "chirp":
                // A square wave that rises from 50 Hz, in whole numbers so that it is the same everywhere.
                var chirp = new short[32_000];
                int phase = 0;
                for (int i = 0; i < chirp.Length; i++)
                {
                    phase += 50 + i / 8;
                    chirp[i] = (short)(phase / 8000 % 2 == 0 ? i / 2 : -i / 2);
                }

                return chirp;
            default:
                // Steps, which drive the scale factors from end to end.
                var steps = new short[16_000];
                for (int i = 0; i < steps.Length; i++)
                    steps[i] = (i / 37 % 3) switch { 0 => -16_000, 1 => 16_000, _ => 0 };
                return steps;
        }
    }

    private static string Digest(byte[] bytes) => BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(bytes)).ToString("x16");
}
