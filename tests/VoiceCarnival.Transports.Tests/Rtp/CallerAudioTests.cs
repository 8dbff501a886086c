using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Net;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>From the caller's packets to what the engine hears.</summary>
public sealed class CallerAudioTests
{
    private static readonly PayloadType Pcmu = PayloadType.Pcmu;

    public static TheoryData<string> Codecs => [.. AudioCodecs.Available.Select(codec => codec.Name)];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void CleanLine_IsHeardWhole_AndAtOnce(string name)
    {
        using var rig = new CallRig(Codec(name));
        short[] speech = Speech(rig.Call.Codec.SampleRate);
        int packets = 0;
        foreach (byte[] packet in rig.Caller.Packets(speech))
        {
            rig.Connection.ReceiveRtp(packet);
            // Each packet is with the engine before the clock's next tick.
            Assert.InRange(rig.Engine.Heard.Count, 48 * 20 * ++packets - 200, 48 * 20 * packets);
            rig.Advance(20);
        }

        short[] heard = Tone.FromBytes([.. rig.Engine.Heard]);
        short[] expected = Speech(24_000);
        var (_, correlation) = AudioCheck.Find(expected.AsSpan(24_000, 24_000), heard, 24_000 + 800);
        Assert.InRange(correlation, name == "opus" ? 0.9 : 0.98, 1);
        Assert.Equal((0, 0), (rig.Connection.Media.ConcealedMilliseconds, rig.Connection.Media.SilenceMilliseconds));
        if (name != "opus")
            return;
        // Opus changes the wave; what the same packets decode to is the measure.
        using var again = new FarSide(rig.Call);
        Assert.True(heard.AsSpan().SequenceEqual(again.Hear(again.Packets(speech).Select(Sent))));
    }

    [Theory]
    [InlineData("PCMU", "audio/pcmu")]
    [InlineData("PCMA", "audio/pcma")]
    public void G711_GoesUntouched_ToASessionThatTakesIt(string name, string format)
    {
        using var rig = new CallRig(Codec(name));
        rig.Engine.Say(ServerEventTypes.SessionUpdated, """{"session":{"audio":{"input":{"format":{"type":"FORMAT"}}}}}""".Replace("FORMAT", format, StringComparison.Ordinal));
        var random = new Random(3);
        var sent = new List<byte>();
        for (int i = 0; i < 50; i++)
        {
            var payload = new byte[160];
            random.NextBytes(payload);
            sent.AddRange(payload);
            rig.Connection.ReceiveRtp(rig.Caller.Packet(rig.Call.PayloadType, payload, (uint)(160 * i)));
            rig.Advance(20);
        }

        Assert.Equal(sent, rig.Engine.Heard);
    }

    /// <summary>Only the line before was told what the session is like.</summary>
    [Fact]
    public void LineThatTakesASessionOver_FeedsTheEngineInItsFormat()
    {
        using var rig = new CallRig(Codec("PCMU"));
        rig.Engine.Say(ServerEventTypes.SessionUpdated, """{"session":{"audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"interrupt_response":false}}}}}""");
        var line = new RecordingLine(rig.Clock);
        using var next = rig.Media.Connect("test", rig.Session, rig.Call, line);
        Assert.True(rig.Session.Resume(next));
        next.Begin();
        byte[] payload = [.. Enumerable.Range(0, 160).Select(i => (byte)i)];

        next.ReceiveRtp(rig.Caller.Packet(rig.Call.PayloadType, payload, 0));
        rig.Advance(60);

        Assert.Equal(payload, rig.Engine.Heard.Take(160));
        rig.Engine.Play(CallRig.Item(), 0, Tone.ToBytes(Tone.Sine(440, TimeSpan.FromSeconds(1))));
        rig.Advance(500);
        rig.Engine.Say(ServerEventTypes.SpeechStarted);
        rig.Advance(100);
        Assert.DoesNotContain(ServerEventTypes.OutputBufferCleared, line.Types);
    }

    [Fact]
    public void Opus_ReachesAG711Session_InItsFormat()
    {
        Assert.SkipUnless(AudioCodecs.Available.Contains(AudioCodecs.Opus), "libopus is not installed");
        using var rig = new CallRig(AudioCodecs.Opus);
        rig.Engine.Say(ServerEventTypes.SessionUpdated, """{"session":{"audio":{"input":{"format":{"type":"audio/pcmu"}}}}}""");
        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1)));
        Assert.InRange(rig.Engine.Heard.Count, 7900, 8000);
        var samples = new short[rig.Engine.Heard.Count];
        Audio.G711.MuLaw.Decode([.. rig.Engine.Heard], samples);
        Assert.InRange(AudioCheck.DominantFrequency(samples.AsSpan(2000), 8000), 438, 442);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(120)]
    public void PacketsOfOtherLengths_AreHeardWhole(int milliseconds)
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(2.4), 8000);
        foreach (byte[] packet in rig.Caller.Packets(tone, milliseconds))
        {
            rig.Advance(milliseconds);
            rig.Connection.ReceiveRtp(packet);
        }

        short[] heard = Tone.FromBytes([.. rig.Engine.Heard]);
        Assert.InRange(heard.Length, 24_000 * 2.4 - 200, 24_000 * 2.4);
        Assert.Empty(AudioCheck.Gaps(heard, TimeSpan.FromMilliseconds(3)));
        Assert.InRange(AudioCheck.PowerShare(heard.AsSpan(4800), 440), 0.99, 1);
    }

    [Theory]
    [InlineData("PCMU", 0, 40)]
    [InlineData("PCMU", 5, 40)]
    [InlineData("PCMU", 25, 40)]
    [InlineData("G722", 10, 40)]
    [InlineData("opus", 5, 40)]
    [InlineData("opus", 25, 40)]
    public void BadLine_IsHeardInTime_WithTheLostPartsMadeUp(string name, int lossPercent, int jitterMs)
    {
        Assert.SkipUnless(AudioCodecs.Available.Any(codec => codec.Name == name), "libopus is not installed");
        for (int seed = 1; seed <= 2; seed++)
        {
            using var rig = new CallRig(Codec(name));
            var network = new EmulatedLine(seed) { Loss = lossPercent / 100.0, Jitter = TimeSpan.FromMilliseconds(jitterMs), Duplication = 0.02 };
            const int seconds = 15;
            short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(seconds), rig.Call.Codec.SampleRate);
            foreach (byte[] packet in rig.Caller.Packets(tone))
            {
                network.Send(0, packet, rig.Clock.Now);
                rig.Advance(20, () => Deliver(network, rig));
            }

            double heardSeconds = rig.Engine.Heard.Count / 48_000.0;
            Assert.InRange(heardSeconds, seconds - 0.3, seconds + 0.6);
            var media = rig.Connection.Media;
            Assert.InRange(media.ConcealedMilliseconds, 10 * seconds * lossPercent * 0.6, 10 * seconds * lossPercent * 1.5 + 900);
            Assert.InRange(media.SilenceMilliseconds, 0, lossPercent >= 25 ? 2000 : 200);
            short[] heard = Tone.FromBytes([.. rig.Engine.Heard]);
            Assert.True(AudioCheck.PowerShare(heard.AsSpan(24_000, 24_000), 440) > (lossPercent >= 25 ? 0.2 : 0.4));
            Assert.Equal(lossPercent, 100.0 * media.PacketsLost / (seconds * 50), 4.0);
        }
    }

    [Theory]
    [InlineData(0, 0, 0.999, 0.999, 0)] // a clean line changes nothing
    [InlineData(0, 40, 0.999, 0.95, 60)] // what is late or overtaken is waited for
    [InlineData(5, 40, 0.98, 0.6, 120)]
    [InlineData(10, 60, 0.9, 0.3, 160)]
    public void SpeechOverABadLine_IsHeardInItsPlace_AndOnlyWhatWasLostIsMadeUp(int lossPercent, int jitterMs, double median, double worst, int latestMs)
    {
        const int piece = 24_000 * 3 / 10;
        for (int seed = 1; seed <= 3; seed++)
        {
            using var rig = new CallRig(AudioCodecs.Pcmu);
            var network = new EmulatedLine(seed) { Loss = lossPercent / 100.0, Delay = TimeSpan.Zero, Jitter = TimeSpan.FromMilliseconds(jitterMs) };
            short[] narrow = Resampled(SpeechFile.Read("counting.wav"), 24_000, 8000), speech = Resampled(narrow, 8000, 24_000);
            foreach (byte[] packet in rig.Caller.Packets(narrow))
            {
                network.Send(0, packet, rig.Clock.Now);
                rig.Advance(20, () => Deliver(network, rig));
            }

            rig.Advance(500, () => Deliver(network, rig));
            short[] heard = Tone.FromBytes([.. rig.Engine.Heard]);
            var likenesses = new List<double>();
            for (int at = 0; at + piece <= speech.Length; at += piece)
            {
                var words = speech.AsSpan(at, piece);
                if (AudioCheck.Rms(words) < 0.02)
                    continue;
                int from = Math.Max(0, at - 2400);
                var (lag, likeness) = AudioCheck.Find(words, heard.AsSpan(from), 2400 + 24 * (latestMs + 40));
                likenesses.Add(likeness);
                if (likeness > 0.8)
                    Assert.InRange((from + lag - at) / 24.0, -latestMs - 1, latestMs + 1);
            }

            likenesses.Sort();
            Assert.True(likenesses.Count > 10);
            Assert.InRange(likenesses[likenesses.Count / 2], median, 1.0001);
            Assert.InRange(likenesses[0], worst, 1.0001);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void LossOfOnePacket_IsMadeUp_InItsPlaceAndLength(string name)
    {
        using var rig = new CallRig(Codec(name));
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1), rig.Call.Codec.SampleRate);
        int i = 0;
        foreach (byte[] packet in rig.Caller.Packets(tone))
        {
            if (i++ is not (20 or 30 or 31))
                rig.Connection.ReceiveRtp(packet);
            rig.Advance(20);
        }

        Assert.InRange(rig.Engine.Heard.Count, 48_000 - 400, 48_000);
        Assert.Equal(60, rig.Connection.Media.ConcealedMilliseconds);
        Assert.Equal(3, rig.Connection.Media.PacketsLost);
        Assert.Empty(AudioCheck.Gaps(Tone.FromBytes([.. rig.Engine.Heard]), TimeSpan.FromMilliseconds(5)));
    }

    [Fact]
    public void CallerWhoStopsSending_IsSilentByTheClock_ForAWhile()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu, new RtpMediaOptions { SilenceSeconds = 5 });
        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000));
        int spoken = rig.Engine.Heard.Count;
        rig.Advance(60);
        Assert.Equal(spoken, rig.Engine.Heard.Count); // it may still be on its way
        rig.Advance(60);
        Assert.InRange(rig.Engine.Heard.Count - spoken, 48 * 80, 48 * 120);
        rig.Advance(1000);
        Assert.InRange(rig.Engine.Heard.Count - spoken, 48 * 1080, 48 * 1120);
        // It fades, and is silent then.
        Assert.Equal(0, AudioCheck.Rms(Tone.FromBytes([.. rig.Engine.Heard.Skip(spoken + 48 * 200)])));
        rig.Advance(10_000);
        int silent = rig.Engine.Heard.Count - spoken;
        Assert.InRange(silent, 48 * 4800, 48 * 5100);
        // And back.
        rig.Caller.Pause(11_120);
        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000));
        Assert.InRange(rig.Engine.Heard.Count - spoken - silent, 48 * 980, 48 * 1600);
    }

    [Fact]
    public void PauseOfTheSender_IsAsLongAsItsTimestampsSay()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1), 8000);
        rig.Speak(tone);
        rig.Caller.Pause(400);
        rig.Advance(400);
        rig.Speak(tone);
        Assert.InRange(rig.Engine.Heard.Count / 48, 2400 - 5, 2400 + 1);
        // The same when all comes at once: nothing is left to the clock.
        using var burst = new CallRig(AudioCodecs.Pcmu);
        foreach (byte[] packet in burst.Caller.Packets(tone))
            burst.Connection.ReceiveRtp(packet);
        burst.Caller.Pause(400);
        foreach (byte[] packet in burst.Caller.Packets(tone))
            burst.Connection.ReceiveRtp(packet);
        Assert.InRange(burst.Engine.Heard.Count / 48, 2400 - 5, 2400 + 1);
    }

    [Fact]
    public void WhatTheClockPutIn_IsTakenBackInTheNextPause()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1), 8000);
        rig.Speak(tone);
        // The line hangs for 300 ms, then brings all that was said meanwhile.
        byte[][] held = [.. rig.Caller.Packets(tone[..2400])];
        rig.Advance(300);
        foreach (byte[] packet in held)
            rig.Connection.ReceiveRtp(packet);
        Assert.InRange(rig.Engine.Heard.Count / 48, 1500, 1640);
        rig.Speak(new short[8000]);
        Assert.InRange(rig.Engine.Heard.Count / 48, 2300 - 5, 2300 + 25);
    }

    [Fact]
    public void ComfortNoise_FillsThePause_AtItsLevel()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000));
        int spoken = rig.Engine.Heard.Count;
        rig.Connection.ReceiveRtp(rig.Caller.Packet(PayloadType.ComfortNoise, [40], rig.Caller.Timestamp));
        rig.Advance(1000);
        short[] noise = Tone.FromBytes([.. rig.Engine.Heard.Skip(spoken)]);
        Assert.InRange(noise.Length, 24_000 * 0.9, 24_000 * 1.05);
        Assert.Equal(-40, AudioCheck.Decibels(noise.AsSpan(4800)), 2.0);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Frames_AllocateNothing(string name)
    {
        using var rig = new CallRig(Codec(name));
        rig.Engine.Keeps = rig.Line.Keeps = false;
        byte[][] packets = [.. rig.Caller.Packets(Tone.Sine(440, TimeSpan.FromSeconds(20), rig.Call.Codec.SampleRate))];
        var task = (IMediaTask)rig.Connection;
        int i = 0;
        Assert.InRange(Allocations.Least(() =>
        {
            for (int end = i + 50; i < end; i++)
            {
                rig.Clock.Sleep(MediaClock.Frame);
                if (i % 17 != 0)
                    rig.Connection.ReceiveRtp(packets[i]);
                task.Tick(rig.Clock.Now, rig.Clock.Now);
            }
        }), 0, 0);
    }

    private static void Deliver(EmulatedLine network, CallRig rig)
    {
        while (network.TryReceive(rig.Clock.Now, out _, out byte[] packet))
            rig.Connection.ReceiveRtp(packet);
    }

    private static SentPacket Sent(byte[] packet)
    {
        Assert.Equal(RtpError.None, RtpPacket.TryRead(packet, out var rtp));
        return new SentPacket(default, rtp.Header, rtp.Payload.ToArray());
    }

    private static AudioCodec Codec(string name) => AudioCodecs.Available.First(codec => codec.Name == name);

    private static short[] Speech(int rate)
    {
        short[] speech = SpeechFile.Read("counting.wav");
        var resampler = new Resampler(24_000, rate);
        var samples = new short[resampler.OutputLength(speech.Length)];
        resampler.Process(speech, samples);
        return samples;
    }

    private static short[] Resampled(short[] samples, int from, int to)
    {
        var resampler = new Resampler(from, to);
        var output = new short[resampler.OutputLength(samples.Length)];
        return output[..resampler.Process(samples, output)];
    }
}
