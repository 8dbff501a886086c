using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Opus;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Opus;

/// <summary>Run where libopus is installed; elsewhere only what holds without it.</summary>
public sealed class OpusTests
{
    private const int Frame = 480;

    [Fact]
    public void Offered_OnlyWhereTheLibraryIs()
    {
        Assert.Equal(OpusLibrary.IsAvailable, AudioCodecs.Available.Contains(AudioCodecs.Opus));
        Assert.Equal(OpusLibrary.IsAvailable, AudioCodecs.Find("OPUS", 48_000) is not null);
        Assert.Null(AudioCodecs.Find("opus", 8000));
        if (OpusLibrary.IsAvailable)
            Assert.Contains("opus", OpusLibrary.Version);
        else
            Assert.Throws<InvalidOperationException>(() => new OpusEncoder(new OpusOptions()));
    }

    [Fact]
    public void Speech_ComesThrough()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        short[] speech = Codecs.CodecRun.Speech(24_000);
        short[] heard = Codecs.CodecRun.Through(AudioCodecs.Opus, speech, out int bytes);
        var (lag, correlation) = AudioCheck.Find(speech.AsSpan(4800, 24_000), heard, 4800 + 800);
        Assert.InRange(lag - 4800, 0, 400); // the codec's own delay
        Assert.InRange(correlation, 0.93, 1); // it keeps what is heard, not the shape of the wave
        // 32 kbit/s, variable.
        Assert.InRange(bytes * 8.0 / (speech.Length / 24_000.0), 12_000, 40_000);
    }

    [Theory]
    [InlineData(60, 1)]
    [InlineData(120, 1)]
    [InlineData(240, 1)]
    [InlineData(480, 1)]
    [InlineData(960, 1)]
    [InlineData(1440, 1)]
    [InlineData(480, 2)]
    [InlineData(480, 3)]
    [InlineData(480, 6)]
    public void PacketsOfAnyLength_AreDecoded(int frame, int frames)
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        using var encoder = new OpusEncoder(new OpusOptions());
        using var decoder = new OpusDecoder();
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(2));
        var heard = new List<short>();
        var samples = new short[2880];
        var payload = new byte[1280];
        for (int at = 0; at + frame * frames <= tone.Length; at += frame * frames)
        {
            var packets = new List<byte[]>();
            for (int i = 0; i < frames; i++)
                packets.Add(payload[..encoder.Encode(tone.AsSpan(at + i * frame, frame), payload)]);
            byte[] packet = frames == 1 ? packets[0] : OpusPackets.Join(packets);
            Assert.Equal(frame * frames, decoder.SamplesIn(packet));
            Assert.Equal(frame * frames, decoder.Decode(packet, samples));
            heard.AddRange(samples[..(frame * frames)]);
        }

        short[] settled = [.. heard.Skip(12_000).Take(24_000)];
        Assert.InRange(AudioCheck.DominantFrequency(settled), 438, 442);
        Assert.InRange(AudioCheck.PowerShare(settled, 440), 0.95, 1);
    }

    [Fact]
    public void StereoPacket_IsMixedToOneVoice()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        short[] left = Tone.Sine(440, TimeSpan.FromSeconds(1), amplitude: 0.4);
        short[] right = Tone.Sine(440, TimeSpan.FromSeconds(1), amplitude: 0.2);
        using var decoder = new OpusDecoder();
        var heard = new List<short>();
        var samples = new short[2880];
        foreach (byte[] packet in OpusPackets.Stereo(left, right))
        {
            Assert.True((packet[0] & 4) != 0); // RFC 6716, section 3.1: the stereo bit
            int count = decoder.Decode(packet, samples);
            Assert.Equal(Frame, count);
            heard.AddRange(samples[..count]);
        }

        short[] settled = [.. heard.Skip(6000).Take(12_000)];
        Assert.InRange(AudioCheck.PowerShare(settled, 440), 0.98, 1);
        // The mean of both.
        Assert.InRange(AudioCheck.Rms(settled) / AudioCheck.Rms(left), 0.65, 0.85);
    }

    [Fact]
    public void LostPackets_AreRecoveredFromTheNext_OnceLossIsExpected()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        Assert.SkipUnless(OpusLibrary.TakesSettings, "settings are not passed on this platform");
        short[] speech = Codecs.CodecRun.Speech(24_000);
        double recovered = LikenessInGaps(speech, expectLoss: true, (decoder, next, gap) => decoder.Recover(next, gap));
        double concealed = LikenessInGaps(speech, expectLoss: true, (decoder, next, gap) => decoder.Conceal(gap));
        double withoutCopies = LikenessInGaps(speech, expectLoss: false, (decoder, next, gap) => decoder.Recover(next, gap));
        Assert.True(recovered > 0.8, $"recovered {recovered:F3}, concealed {concealed:F3}");
        Assert.True(recovered > concealed + 0.2, $"recovered {recovered:F3}, concealed {concealed:F3}");
        Assert.True(recovered > withoutCopies + 0.2, $"recovered {recovered:F3}, without copies {withoutCopies:F3}");
    }

    [Fact]
    public void Recovery_OfMoreThanOneFrame_FillsAll()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        short[] tone = Tone.Sine(300, TimeSpan.FromSeconds(1));
        using var encoder = new OpusEncoder(new OpusOptions());
        encoder.ExpectLoss(0.2);
        using var decoder = new OpusDecoder();
        var payload = new byte[1280];
        var samples = new short[2880];
        for (int i = 0; i < 20; i++)
            decoder.Decode(payload.AsSpan(0, encoder.Encode(tone.AsSpan(i * Frame, Frame), payload)), samples);
        encoder.Encode(tone.AsSpan(20 * Frame, Frame), payload);
        encoder.Encode(tone.AsSpan(21 * Frame, Frame), payload);
        int next = encoder.Encode(tone.AsSpan(22 * Frame, Frame), payload);
        var gap = new short[2 * Frame];
        decoder.Recover(payload.AsSpan(0, next), gap);
        Assert.All(gap.Chunk(Frame), part => Assert.InRange(AudioCheck.Rms(part), 0.05, 0.6));
        // A length that is no multiple of 2.5 ms is filled as far as it goes.
        Array.Fill(gap, short.MaxValue);
        decoder.Conceal(gap.AsSpan(0, 100));
        Assert.Equal(0, gap[99]);
    }

    [Fact]
    public void Silence_WithDiscontinuousTransmission_IsMostlyNotSent()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable && OpusLibrary.TakesSettings, "libopus is not installed");
        using var encoder = new OpusEncoder(new OpusOptions { DiscontinuousTransmission = true });
        var payload = new byte[1280];
        int[] sent = [.. Enumerable.Range(0, 200).Select(_ => encoder.Encode(new short[Frame], payload))];
        Assert.InRange(sent.Count(length => length == 0), 150, 195);
        using var continuous = new OpusEncoder(new OpusOptions());
        Assert.All(Enumerable.Range(0, 200).Select(_ => continuous.Encode(new short[Frame], payload)), length => Assert.True(length > 0));
    }

    [Fact]
    public void SilenceThatLasts_IsSentAsSuch_AndSpeechAfterItComesThroughAsBefore()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        // A word, from its first sound on: there are digital pauses between them.
        short[][] frames = [.. Codecs.CodecRun.Speech(24_000).Chunk(Frame)];
        int first = Enumerable.Range(0, frames.Length - 25).First(i => frames[i..(i + 25)].All(frame => frame.AsSpan().ContainsAnyExcept((short)0)));
        short[] speech = [.. frames[first..(first + 25)].SelectMany(frame => frame)];
        short[] pause = new short[50 * Frame];
        using var encoder = new OpusEncoder(new OpusOptions());
        using var decoder = new OpusDecoder();
        var payload = new byte[1280];
        var samples = new short[2880];
        List<short> heard = [];
        List<int> lengths = [];
        foreach (short[] frame in speech.Concat(pause).Concat(speech).Chunk(Frame))
        {
            lengths.Add(encoder.Encode(frame, payload));
            Assert.Equal(Frame, decoder.Decode(payload.AsSpan(0, lengths[^1]), samples));
            heard.AddRange(samples[..Frame]);
        }

        Assert.All(lengths[30..75], length => Assert.Equal(3, length));
        Assert.All(lengths[75..], length => Assert.True(length > 3));
        // Nothing is heard in the pause, where the packets change from one kind to the other least of all.
        short[] all = [.. heard];
        Assert.All(all[(28 * Frame)..(75 * Frame)], sample => Assert.InRange(Math.Abs((int)sample), 0, 40));
        // What comes after it begins at once and is as good as what came before; where it begins in mid-word, too.
        var before = AudioCheck.Find(speech.AsSpan(0, 23 * Frame), all.AsSpan(0, 25 * Frame), 400);
        var after = AudioCheck.Find(speech.AsSpan(0, 23 * Frame), all.AsSpan(75 * Frame), 400);
        var start = AudioCheck.Find(speech.AsSpan(0, 5 * Frame), all.AsSpan(75 * Frame), 400);
        Assert.Equal(before.Lag, after.Lag);
        Assert.InRange(after.Correlation, before.Correlation - 0.02, 1);
        Assert.InRange(start.Correlation, 0.8, 1);
    }

    [Fact]
    public void TooFullAHouse_IsLimited()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        short[] square = [.. Enumerable.Range(0, 24_000).Select(i => i / 60 % 2 == 0 ? short.MaxValue : short.MinValue)];
        short[] heard = Codecs.CodecRun.Through(AudioCodecs.Opus, square, out _);
        // Overshoot that wrapped around would turn its sign.
        Assert.True(AudioCheck.PowerShare(heard.AsSpan(4800, 12_000), 200) > 0.7);
    }

    [Fact]
    public void HostilePayloads_NeverThrow_AndNeverWritePastTheirLength()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        var random = new Random(1);
        using var encoder = new OpusEncoder(new OpusOptions());
        using var decoder = new OpusDecoder();
        var payload = new byte[1280];
        var samples = new short[2880 + 16];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] hostile;
            if (i % 2 == 0)
            {
                hostile = new byte[random.Next(random.Next(2000))];
                random.NextBytes(hostile);
            }
            else
            {
                hostile = payload[..encoder.Encode(Tone.Noise(i, TimeSpan.FromMilliseconds(20)), payload)];
                for (int flips = random.Next(8); flips >= 0; flips--)
                    hostile[random.Next(hostile.Length)] ^= (byte)(1 << random.Next(8));
            }

            Array.Fill(samples, (short)0x5A5A);
            int count = decoder.Decode(hostile, samples);
            Assert.InRange(count, 0, 2880);
            Assert.Equal(count == 0 ? decoder.SamplesIn(hostile) : count, decoder.SamplesIn(hostile));
            Assert.False(samples.AsSpan(2880).ContainsAnyExcept((short)0x5A5A));
            if (random.Next(4) == 0)
                decoder.Recover(hostile, samples.AsSpan(0, random.Next(2880)));
        }

        Assert.Equal(0, decoder.Decode([], samples));
        Assert.Equal(0, decoder.Decode(new byte[70_000], samples));
        Assert.Equal(0, decoder.Decode([0x00], samples.AsSpan(0, 10)));
    }

    [Fact]
    public void Frames_AllocateNothing()
    {
        Assert.SkipUnless(OpusLibrary.IsAvailable, "libopus is not installed");
        using var encoder = new OpusEncoder(new OpusOptions());
        using var decoder = new OpusDecoder();
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1));
        var payload = new byte[1280];
        var samples = new short[2880];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                int length = encoder.Encode(tone.AsSpan(i * Frame, Frame), payload);
                decoder.Decode(payload.AsSpan(0, length), samples);
                if (i % 10 == 0)
                    decoder.Recover(payload.AsSpan(0, length), samples.AsSpan(0, Frame));
            }
        }));
    }

    /// <summary>Loses every fifth packet and compares what the gaps are filled with to what a decoder that lost nothing gives.</summary>
    private static double LikenessInGaps(short[] speech, bool expectLoss, Action<OpusDecoder, byte[], short[]> fill)
    {
        using var encoder = new OpusEncoder(new OpusOptions());
        if (expectLoss)
            encoder.ExpectLoss(0.2);
        using var whole = new OpusDecoder();
        using var lossy = new OpusDecoder();
        var payload = new byte[1280];
        byte[][] packets = [.. speech.Chunk(Frame).Where(c => c.Length == Frame).Select(c => payload[..encoder.Encode(c, payload)])];
        var expected = new short[2880];
        var samples = new short[2880];
        List<short> of = [], filled = [];
        for (int i = 0; i < packets.Length; i++)
        {
            whole.Decode(packets[i], expected);
            if (i % 5 != 4 || i + 1 == packets.Length)
            {
                lossy.Decode(packets[i], samples);
                continue;
            }

            var gap = new short[Frame];
            fill(lossy, packets[i + 1], gap);
            of.AddRange(expected[..Frame]);
            filled.AddRange(gap);
        }

        return AudioCheck.Correlation([.. of], [.. filled]);
    }
}
