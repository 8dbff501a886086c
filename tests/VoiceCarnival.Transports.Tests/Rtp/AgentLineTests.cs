using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>The caller's line as the agent's side sees it: reports, loss, held-up clocks, keys.</summary>
public sealed class AgentLineTests
{
    public static TheoryData<string> Codecs => [.. AudioCodecs.Available.Select(codec => codec.Name)];

    [Fact]
    public void Reports_GoBothWays()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        var peer = new RtcpSession(new Ssrc(0xCA11E5), new RtcpOptions { Cname = "peer", ClockRate = 8000 }, rig.Clock.Now, rig.Time.GetUtcNow());
        var buffer = new byte[400];
        int seen = 0, heard = 0, packets = 0;
        foreach (byte[] packet in rig.Caller.Packets(new short[8000 * 20]))
        {
            Assert.Equal(RtpError.None, RtpPacket.TryRead(packet, out var rtp));
            peer.OnSent(rtp.Header, rtp.Payload.Length, rig.Clock.Now);
            if (packets++ % 10 != 9)
                rig.Connection.ReceiveRtp(packet);
            rig.Advance(20);
            for (; heard < rig.Line.Packets.Count; heard++)
                peer.OnReceived(rig.Line.Packets[heard].Header, rig.Clock.Now);
            for (; seen < rig.Line.Reports.Count; seen++)
                Assert.Equal(RtcpError.None, peer.Receive(rig.Line.Reports[seen], rig.Clock.Now));
            if (peer.TryTakeReport(rig.Clock.Now, buffer, out int length))
            {
                rig.Advance(30);
                rig.Connection.ReceiveRtcp(buffer.AsSpan(0, length));
            }
        }

        Assert.InRange(seen, 7, 20);
        // The peer learns what it loses, and both how long the way is.
        Assert.Equal(25, (double)peer.RemoteReport!.Value.FractionLost, 6.0);
        Assert.Equal(30, rig.Connection.Media.RoundTripMilliseconds!.Value, 15.0);
        Assert.Equal(10.0, 100.0 * rig.Session.Media!.PacketsLost / 1000, 0.5);
        Assert.Equal(0.0, rig.Session.Media!.RemoteLossPercent);
    }

    [Fact]
    public void LossReported_HasOpusSendCopies()
    {
        Assert.SkipUnless(AudioCodecs.Available.Contains(AudioCodecs.Opus), "libopus is not installed");
        using var rig = new CallRig(AudioCodecs.Opus);
        rig.Engine.Play(CallRig.Item(), 0, Tone.ToBytes(SpeechFile.Read("counting.wav")));
        rig.Advance(2000);
        var peer = new RtcpSession(new Ssrc(0xCA11E5), new RtcpOptions { Cname = "peer", ClockRate = 48_000 }, rig.Clock.Now, rig.Time.GetUtcNow());
        var buffer = new byte[400];
        foreach (var packet in rig.Line.Packets.Where((_, i) => i % 4 != 0))
            peer.OnReceived(packet.Header, rig.Clock.Now);
        Assert.True(peer.TryTakeReport(rig.Clock.Now + TimeSpan.FromSeconds(5), buffer, out int length));
        rig.Connection.ReceiveRtcp(buffer.AsSpan(0, length));
        rig.Advance(40);
        int told = rig.Line.Packets.Count;
        rig.Advance(3000);
        Assert.InRange(rig.Session.Media!.RemoteLossPercent!.Value, 20, 30);
        // Lose every third packet and recover it from the one after.
        var packets = rig.Line.Packets.Skip(told).ToList();
        using var whole = AudioCodecs.Opus.CreateDecoder();
        using var lossy = AudioCodecs.Opus.CreateDecoder();
        List<short> expected = [], recovered = [];
        var samples = new short[2880];
        for (int i = 0; i + 1 < packets.Count; i++)
        {
            int count = whole.Decode(packets[i].Payload, samples);
            short[] sample = samples[..count];
            if (i % 3 == 2)
            {
                lossy.Recover(packets[i + 1].Payload, samples.AsSpan(0, count));
                expected.AddRange(sample);
                recovered.AddRange(samples[..count]);
            }
            else
            {
                lossy.Decode(packets[i].Payload, samples);
            }
        }

        Assert.True(AudioCheck.Correlation([.. expected], [.. recovered]) > 0.7);
    }

    [Fact]
    public void ThreadThatWasHeldUp_CatchesUpAFewFrames_AndLeavesOutTheRest()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Advance(200);
        int before = rig.Line.Packets.Count;
        rig.Clock.Sleep(TimeSpan.FromSeconds(2));
        rig.Advance(20);
        var burst = rig.Line.Packets.Skip(before).ToList();
        Assert.InRange(burst.Count, 3, 7);
        rig.Advance(1000);
        Assert.InRange(rig.Line.Packets.Count - before, 50, 60);
        // The timestamps follow the clock, the numbers the packets.
        var all = rig.Line.Packets;
        Assert.Equal(all.Count - 1, all[0].Header.Sequence.DistanceTo(all[^1].Header.Sequence));
        Assert.Equal((all[^1].At - all[0].At).TotalSeconds * 8000, all[^1].Header.Timestamp - all[0].Header.Timestamp, 320.0);
    }

    [Fact]
    public void Keys_ArePressedForTheCaller()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Advance(100);
        Assert.False(rig.Connection.SendDigits("1x"));
        Assert.False(rig.Connection.SendDigits(new string('1', 65)));
        Assert.True(rig.Connection.SendDigits("1#"));
        rig.Advance(1000);
        var keys = rig.Line.Packets.Where(p => p.Header.PayloadType.Value == 101).ToList();
        Assert.Equal(18, keys.Count);
        var receiver = new DigitReceiver();
        Assert.Equal("1#", string.Concat(keys.Select(key => receiver.Receive(key.Header.Timestamp, key.Payload))));
        Assert.Equal([true, false, false, false, false, false, false, false, false], keys.Take(9).Select(k => k.Header.Marker));
        Assert.Equal(3, keys.Take(9).Count(k => TelephoneEvent.TryRead(k.Payload, out var e) && e.IsEnd && e.Duration == 960));
        // One sequence of numbers for all, and the audio's clock went on meanwhile.
        var all = rig.Line.Packets;
        Assert.All(all.Zip(all.Skip(1)), pair => Assert.Equal(pair.First.Header.Sequence.Next, pair.Second.Header.Sequence));
        var audio = all.Where(p => p.Header.PayloadType.Value == 0).ToList();
        Assert.Equal((audio[^1].At - audio[0].At).TotalSeconds * 8000, audio[^1].Header.Timestamp - audio[0].Header.Timestamp, 1.0);
    }

    [Fact]
    public void PeerThatOnlySends_GetsNoAudio()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu, configure: call => call with { Sends = false });
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Advance(500);
        Assert.Empty(rig.Line.Packets);
        Assert.Equal(0, rig.Connection.Media.QueuedMilliseconds);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Frames_AllocateNothing(string name)
    {
        using var rig = new CallRig(Codec(name));
        rig.Line.Keeps = false;
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 30));
        rig.Advance(200);
        var task = (IMediaTask)rig.Connection;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                rig.Clock.Sleep(MediaClock.Frame);
                task.Tick(rig.Clock.Now, rig.Clock.Now);
            }
        }));
    }

    private static byte[] Sine(double hertz, double seconds) => Tone.ToBytes(Tone.Sine(hertz, TimeSpan.FromSeconds(seconds)));

    private static AudioCodec Codec(string name) => AudioCodecs.Available.First(codec => codec.Name == name);
}
