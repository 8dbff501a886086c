using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>Packets of the caller's that are not simply the next piece of speech: keys, other sources and formats, hostile ones, and an engine that is busy.</summary>
public sealed class CallerPacketTests
{
    private static readonly PayloadType Pcmu = PayloadType.Pcmu;

    [Fact]
    public void CallThatIsTickedBeforeItHasItsPlace_IsHeardAllTheSame()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu, ticksAtOnce: true);

        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000));

        Assert.InRange(rig.Engine.Heard.Count, 40_000, 48_000);
    }

    [Fact]
    public void Keys_AreToldOnce_HoweverTheyAreSent()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(0.2), 8000);
        rig.Speak(tone);
        // As baresip does: audio goes on between, the end comes three times with numbers of its own.
        uint start = rig.Caller.Timestamp;
        for (int i = 1; i <= 9; i++)
        {
            rig.Connection.ReceiveRtp(rig.Caller.Key('5', isEnd: i > 6, start, 160 * Math.Min(i, 7)));
            rig.Speak(tone[..160]);
        }

        // As linphone does: audio pauses, the end comes three times with the same number.
        start = rig.Caller.Timestamp;
        for (int i = 1; i <= 4; i++)
        {
            rig.Connection.ReceiveRtp(rig.Caller.Key('#', isEnd: false, start, 160 * i));
            rig.Advance(20);
        }

        byte[] end = rig.Caller.Key('#', isEnd: true, start, 800);
        for (int i = 0; i < 3; i++)
            rig.Connection.ReceiveRtp(end);
        rig.Advance(20);
        rig.Caller.Pause(100);
        rig.Speak(tone);
        // The same key again; only one of its packets comes.
        rig.Connection.ReceiveRtp(rig.Caller.Key('#', isEnd: true, rig.Caller.Timestamp, 800));
        // A key held for 20 s goes on in segments of its 16 bits.
        start = rig.Caller.Timestamp + 1600;
        for (int i = 1; i <= 1000; i++)
        {
            int segment = (160 * i - 1) / 65_440 * 65_440;
            rig.Connection.ReceiveRtp(rig.Caller.Key('A', i == 1000, start + (uint)segment, 160 * i - segment));
            rig.Advance(20);
        }

        Assert.Equal(["5", "#", "#", "A"], rig.Line.Events.Where(e => e.Type == ServerEventTypes.DtmfReceived).Select(e => e.Json.GetProperty("event").GetString()));
        var last = rig.Line.Last(ServerEventTypes.DtmfReceived);
        Assert.False(last.TryGetProperty("event_id", out _)); // as in OpenAI's reference
        Assert.InRange(last.GetProperty("received_at").GetInt64(), 1_795_824_000, 1_795_824_100);
        // Audio that pauses for a key is silence, not loss.
        Assert.Equal(-2, rig.Connection.Media.PacketsLost); // two of the ends came with a number that was there
    }

    [Fact]
    public void PayloadType_MayChangeWithinWhatWasAgreed_AndOnlyThere()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu, configure: call => call with
        {
            AlsoReceived = new Dictionary<PayloadType, AudioCodec> { [PayloadType.Pcma] = AudioCodecs.Pcma, [PayloadType.G722] = AudioCodecs.G722 },
        });
        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000));
        using var other = new FarSide(rig.Call with { Codec = AudioCodecs.G722, PayloadType = PayloadType.G722 }, sequence: rig.Caller.Sequence);
        foreach (byte[] packet in other.Packets(Tone.Sine(880, TimeSpan.FromSeconds(1), 16_000)))
        {
            rig.Connection.ReceiveRtp(packet);
            rig.Advance(20);
        }

        short[] heard = Tone.FromBytes([.. rig.Engine.Heard]);
        Assert.InRange(heard.Length, 47_000, 49_000);
        Assert.InRange(AudioCheck.DominantFrequency(heard.AsSpan(4800, 14_400)), 438, 442);
        Assert.InRange(AudioCheck.DominantFrequency(heard.AsSpan(28_800, 14_400)), 878, 882);
        int before = rig.Engine.Heard.Count;
        rig.Connection.ReceiveRtp(other.Packet(new PayloadType(77), new byte[160], 0));
        Assert.Equal(before, rig.Engine.Heard.Count);
    }

    [Fact]
    public void NewSource_IsTakenOver_AndAStrayPacketIsNot()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1), 8000);
        rig.Speak(tone);
        using var stray = new FarSide(rig.Call, ssrc: 1);
        using var next = new FarSide(rig.Call, ssrc: 2);
        int before = rig.Engine.Heard.Count;
        rig.Connection.ReceiveRtp(stray.Packet(tone.AsSpan(0, 160)));
        Assert.Equal(before, rig.Engine.Heard.Count);
        foreach (byte[] packet in next.Packets(tone))
        {
            rig.Connection.ReceiveRtp(packet);
            rig.Advance(20);
        }

        Assert.InRange(rig.Engine.Heard.Count / 48, 1960, 2040);
    }

    [Fact]
    public void StraysOfAnotherSource_DoNotTakeTheCallOver_WhileItsOwnGoesOn()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        short[] tone = Tone.Sine(440, TimeSpan.FromSeconds(1), 8000);
        using var stray = new FarSide(rig.Call, ssrc: 1);
        for (int i = 0; i < 5; i++)
        {
            rig.Speak(tone[..1600]);
            int before = rig.Engine.Heard.Count;
            rig.Connection.ReceiveRtp(stray.Packet(tone.AsSpan(0, 160)));
            Assert.Equal(before, rig.Engine.Heard.Count);
        }

        Assert.Equal(TimeSpan.Zero, TimeSpan.FromMilliseconds(rig.Connection.Media.ConcealedMilliseconds));
    }

    [Fact]
    public void CallerWhoFloods_LeavesTheThreadToOthersInBetween()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        using var receiver = new RtpReceiver(rig.Call, new RtpMediaOptions(), new RtpReports(rig.Call, rig.Line, rig.Clock.Now, rig.Time.GetUtcNow()), new InputWriter(_ => ValueTask.CompletedTask), (_, _) => { });
        foreach (byte[] packet in rig.Caller.Packets(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000)))
            Assert.True(receiver.TryAdd(packet, isRtcp: false, rig.Clock.Now));
        int turns = 1;
        for (; receiver.Work(rig.Clock.Now); turns++)
            Assert.InRange(turns, 1, 50);
        Assert.InRange(turns, 2, 10);
    }

    [Fact]
    public void HostilePackets_GiveNoMoreAudioThanTheyMay_AndNeverThrow()
    {
        foreach (var codec in AudioCodecs.Available)
        {
            var random = new Random(7);
            using var rig = new CallRig(codec);
            rig.Engine.Keeps = false;
            for (int i = 0; i < 5000; i++)
            {
                byte[] packet;
                if (random.Next(3) == 0)
                {
                    packet = new byte[random.Next(200)];
                    random.NextBytes(packet);
                    if (packet.Length > 0 && random.Next(2) == 0)
                        packet[0] = 0x80;
                }
                else
                {
                    var payload = new byte[random.Next(300)];
                    random.NextBytes(payload);
                    var type = random.Next(4) switch { 0 => new PayloadType(101), 1 => PayloadType.ComfortNoise, _ => rig.Call.PayloadType };
                    packet = rig.Caller.Packet(type, payload, (uint)random.NextInt64(uint.MaxValue));
                }

                if (random.Next(5) == 0)
                    rig.Connection.ReceiveRtcp(packet);
                else
                    rig.Connection.ReceiveRtp(packet);
                if (random.Next(10) == 0)
                    rig.Advance(random.Next(60));
            }

            Assert.Null(rig.Line.Closed);
            rig.Connection.ReceiveRtp(new byte[5000]);
            rig.Advance(20);
            Assert.False(rig.Session.Ended.IsCompleted);
        }
    }

    [Fact]
    public void TimestampsThatJump_ArePlayedOn_WithoutHoursOfSilence()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        uint timestamp = 0;
        for (int i = 0; i < 200; i++)
        {
            if (i % 20 == 19)
                timestamp += 0x4000_0000;
            rig.Connection.ReceiveRtp(rig.Caller.Packet(Pcmu, new byte[160], timestamp));
            timestamp += 160;
            rig.Advance(20);
        }

        Assert.InRange(rig.Engine.Heard.Count / 48, 3900, 4300);
    }

    [Fact]
    public void BusyEngine_GetsTheAudioWhenItHasTime_UpToABound()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        var busy = new TaskCompletionSource();
        rig.Engine.Busy = busy.Task;
        rig.Speak(Tone.Sine(440, TimeSpan.FromSeconds(1), 8000));
        Assert.Equal(960 - 12, rig.Engine.Heard.Count, 16.0);
        busy.SetResult();
        rig.Speak(new short[320]);
        Assert.InRange(rig.Engine.Heard.Count / 48, 1030, 1040);
        busy = new TaskCompletionSource();
        rig.Engine.Busy = busy.Task;
        rig.Speak(new short[8000 * 5]);
        busy.SetResult();
        rig.Speak(new short[160]);
        Assert.InRange(rig.Engine.Heard.Count / 48, 3000, 3200);
    }

    private static AudioCodec Codec(string name) => AudioCodecs.Available.First(codec => codec.Name == name);
}
