using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>From what the engine says to the packets that the caller gets, and the account of them.</summary>
public sealed class AgentAudioTests
{
    public static TheoryData<string> Codecs => [.. AudioCodecs.Available.Select(codec => codec.Name)];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void OnePacketEvery20Ms_WhateverIsSaid(string name)
    {
        using var rig = new CallRig(Codec(name));
        rig.Advance(500);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Advance(1500);
        var packets = rig.Line.Packets;
        Assert.InRange(packets.Count, 99, 101);
        uint step = (uint)rig.Call.Codec.ClockUnitsOf(rig.Call.Codec.SamplesOf(20));
        Assert.All(packets.Zip(packets.Skip(1)), pair =>
        {
            Assert.Equal(MediaClock.Frame, pair.Second.At - pair.First.At);
            Assert.Equal(pair.First.Header.Sequence.Next, pair.Second.Header.Sequence);
            Assert.Equal(step, pair.Second.Header.Timestamp - pair.First.Header.Timestamp);
        });
        Assert.All(packets, p => Assert.Equal((rig.Call.Ssrc, rig.Call.PayloadType), (p.Header.Ssrc, p.Header.PayloadType)));
        // Marked where the voice begins (RFC 3551, section 4.1), and only there.
        int marked = packets.FindIndex(p => p.Header.Marker);
        Assert.InRange(marked, 24, 26);
        Assert.DoesNotContain(packets.Skip(marked + 1), p => p.Header.Marker);
        short[] heard = rig.Caller.Hear(packets);
        int rate = rig.Call.Codec.SampleRate;
        Assert.InRange(AudioCheck.Rms(heard.AsSpan(0, (int)(0.45 * rate))), 0, 0.001);
        Assert.InRange(AudioCheck.DominantFrequency(heard.AsSpan((int)(0.7 * rate), rate / 2), rate), 438, 442);
        Assert.Empty(AudioCheck.Gaps(heard, TimeSpan.FromMilliseconds(5), rate, threshold: 64));
        Assert.Equal(packets.Count, rig.Connection.Media.PacketsSent);
    }

    [Theory]
    [InlineData("PCMU", "audio/pcmu")]
    [InlineData("PCMA", "audio/pcma")]
    public void G711_OfTheEngine_IsSentUntouched(string name, string format)
    {
        using var rig = new CallRig(Codec(name));
        var bytes = new byte[8000];
        new Random(5).NextBytes(bytes);
        if (name == "PCMU")
            bytes.AsSpan().Replace((byte)0x7F, (byte)0xFF); // minus zero is zero
        rig.Engine.Play(CallRig.Item(format: format), 0, bytes);
        rig.Advance(1100);
        Assert.Equal(bytes, rig.Line.Packets.SelectMany(p => p.Payload).Take(8000));
    }

    [Fact]
    public void RelayedEvents_ArePlayed_WithAndWithoutTheirBase64Found()
    {
        using var rig = new CallRig(AudioCodecs.G722);
        var item = CallRig.Item();
        byte[] tone = Sine(440, 1);
        rig.Engine.PlayEvent(item, 0, tone.AsSpan(0, 24_000), withBase64: true);
        rig.Engine.PlayEvent(item, 12_000, tone.AsSpan(24_000), withBase64: false);
        rig.Advance(1100);
        short[] heard = rig.Caller.Hear(rig.Line.Packets);
        Assert.Empty(AudioCheck.Clicks(heard.AsSpan(1000, 14_000)));
        Assert.InRange(AudioCheck.PowerShare(heard.AsSpan(1000, 14_000), 440, 16_000), 0.99, 1);
        Assert.Equal(24_000, item.HeardSamples);
    }

    [Fact]
    public void ResponseThatWasDoneLongBeforeItIsHeard_StopsAllTheSame_WhateverElseWasDoneMeanwhile()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Engine.Say(ServerEventTypes.ResponseDone, Response("resp_1"));
        rig.Advance(100);
        for (int i = 0; i < 30; i++)
        {
            rig.Engine.Say(ServerEventTypes.ResponseCreated, $$$"""{"response":{"id":"resp_beside_{{{i}}}","conversation_id":null}}""");
            rig.Engine.Say(ServerEventTypes.ResponseDone, $$$"""{"response":{"id":"resp_beside_{{{i}}}","conversation_id":null}}""");
        }

        rig.Advance(1000);
        Assert.Contains(rig.Line.Events, e => e.Type == ServerEventTypes.OutputBufferStopped);
    }

    [Fact]
    public void Playing_IsToldAsOpenAIDoes()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Say(ServerEventTypes.ResponseCreated, Response("resp_1"));
        rig.Engine.Say(ServerEventTypes.ContentPartAdded);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 0.5));
        rig.Advance(100);
        Assert.Equal(
            [ServerEventTypes.SessionCreated, ServerEventTypes.ResponseCreated, ServerEventTypes.ContentPartAdded, ServerEventTypes.OutputBufferStarted], rig.Line.Types);
        var started = rig.Line.Last(ServerEventTypes.OutputBufferStarted);
        Assert.Equal("resp_1", started.GetProperty("response_id").GetString());
        Assert.StartsWith("event_", started.GetProperty("event_id").GetString());

        // An engine that is slow leaves a gap, which is not the end.
        rig.Advance(1000);
        rig.Engine.Play(CallRig.Item(), 12_000, Sine(440, 0.5));
        rig.Engine.Say(ServerEventTypes.OutputAudioDone, """{"item_id":"item_1"}""");
        rig.Engine.Say(ServerEventTypes.ResponseDone, Response("resp_1"));
        rig.Advance(300);
        Assert.DoesNotContain(ServerEventTypes.OutputBufferStopped, rig.Line.Types);
        rig.Advance(300);
        Assert.Equal(ServerEventTypes.OutputBufferStopped, rig.Line.Types.Last());
        Assert.Single(rig.Line.Types, ServerEventTypes.OutputBufferStarted);
        Assert.Equal("resp_1", rig.Line.Last(ServerEventTypes.OutputBufferStopped).GetProperty("response_id").GetString());
        // Within a frame of the last sound.
        int last = rig.Line.Packets.FindLastIndex(p => p.Payload.AsSpan().ContainsAnyExcept((byte)0xFF));
        Assert.InRange(rig.Line.Events[^1].At - rig.Line.Packets[last].At, TimeSpan.Zero, MediaClock.Frame);
    }

    [Fact]
    public void Responses_FollowOneAnother_EvenWhenTheirAudioComesMixed()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        var first = CallRig.Item("item_1", "resp_1");
        var second = CallRig.Item("item_2", "resp_2", ordinal: 2);
        for (int i = 0; i < 5; i++)
        {
            rig.Engine.Play(first, i * 2400, Sine(440, 0.1));
            rig.Engine.Play(second, i * 2400, Sine(880, 0.1));
        }

        rig.Advance(700);
        rig.Engine.Say(ServerEventTypes.ResponseDone, Response("resp_1"));
        rig.Advance(700);
        rig.Engine.Say(ServerEventTypes.ResponseDone, Response("resp_2"));
        rig.Advance(100);
        Assert.Equal(
            ["started resp_1", "stopped resp_1", "started resp_2", "stopped resp_2"],
            rig.Line.Events.Where(e => e.Type.StartsWith("output_audio_buffer.", StringComparison.Ordinal))
                .Select(e => $"{e.Type[20..]} {e.Json.GetProperty("response_id").GetString()}"));
        short[] heard = rig.Caller.Hear(rig.Line.Packets);
        Assert.InRange(AudioCheck.DominantFrequency(heard.AsSpan(800, 2400), 8000), 435, 445);
        Assert.InRange(AudioCheck.DominantFrequency(heard.AsSpan(6400, 2400), 8000), 875, 885);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void SpeechOfTheCaller_CutsTheAgentOff_WithoutAClick(string name)
    {
        using var rig = new CallRig(Codec(name));
        var item = CallRig.Item();
        rig.Engine.Play(item, 0, Sine(440, 5));
        rig.Advance(1000);
        int sent = rig.Line.Packets.Count;
        rig.Engine.Say(ServerEventTypes.SpeechStarted, """{"audio_start_ms":1,"item_id":"item_9"}""");
        rig.Engine.Say(ServerEventTypes.ResponseDone, Response("resp_1"));
        rig.Engine.Play(item, 120_000, Sine(440, 1)); // what was still on its way
        rig.Advance(500);

        // The packet in which it fades is the last with anything in it; a codec's own tail lasts some milliseconds more.
        short[] heard = rig.Caller.Hear(rig.Line.Packets);
        int rate = rig.Call.Codec.SampleRate;
        int cut = sent * rate / 50;
        Assert.True(AudioCheck.Rms(heard.AsSpan(cut - rate / 50, rate / 50)) > 0.2);
        Assert.InRange(AudioCheck.Rms(heard.AsSpan(cut + rate / 25, rate / 4)), 0, 0.005);
        Assert.Empty(AudioCheck.Clicks(heard.AsSpan(rate / 2, rate), 12));

        Assert.Equal(
            [ServerEventTypes.SpeechStarted, ServerEventTypes.ResponseDone, ServerEventTypes.OutputBufferCleared], rig.Line.Types.TakeLast(3));
        Assert.Equal("resp_1", rig.Line.Last(ServerEventTypes.OutputBufferCleared).GetProperty("response_id").GetString());
        // The engine hears how far it got: what was played, to the millisecond.
        var (kind, truncate) = Assert.Single(rig.Engine.Events);
        Assert.Equal(ClientEventKind.ItemTruncate, kind);
        Assert.Equal(("conversation.item.truncate", "item_1", 0),
            (truncate.GetProperty("type").GetString(), truncate.GetProperty("item_id").GetString(), truncate.GetProperty("content_index").GetInt32()));
        Assert.InRange(truncate.GetProperty("audio_end_ms").GetInt32(), sent * 20, sent * 20 + 10);
        Assert.Equal(truncate.GetProperty("audio_end_ms").GetInt32(), item.HeardSamples / 24);

        // The next answer is played.
        rig.Engine.Play(CallRig.Item("item_2", "resp_2", ordinal: 2), 0, Sine(880, 0.5));
        rig.Advance(600);
        Assert.Equal(ServerEventTypes.OutputBufferStarted, rig.Line.Types.Last());
    }

    [Fact]
    public void ItemsThatWait_AreTruncatedToNothing_AndWhatWasNoConversation_NotAtAll()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Say(ServerEventTypes.ResponseCreated, """{"response":{"id":"resp_2","conversation_id":null}}""");
        rig.Engine.Play(CallRig.Item("item_1"), 0, Sine(440, 1));
        rig.Engine.Play(CallRig.Item("item_2", "resp_2", ordinal: 2), 0, Sine(440, 1));
        rig.Engine.Play(CallRig.Item("item_3", "resp_3", ordinal: 3), 0, Sine(440, 1));
        rig.Advance(500);
        rig.Engine.Say(ServerEventTypes.SpeechStarted);
        rig.Advance(40);
        Assert.Equal(["item_1", "item_3"], rig.Engine.Events.Select(e => e.Json.GetProperty("item_id").GetString()));
        Assert.Equal(0, rig.Engine.Events[1].Json.GetProperty("audio_end_ms").GetInt32());
        Assert.Equal(0, rig.Connection.Media.QueuedMilliseconds);
    }

    [Fact]
    public void SpeechOfTheCaller_CutsNothingOff_WhenTheSessionSaysSo_OrNothingIsPlayed()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Say(ServerEventTypes.SpeechStarted);
        rig.Advance(40);
        rig.Engine.Say(ServerEventTypes.SessionUpdated, """{"session":{"audio":{"input":{"turn_detection":{"type":"server_vad","interrupt_response":false}}}}}""");
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Advance(500);
        rig.Engine.Say(ServerEventTypes.SpeechStarted);
        rig.Advance(400);
        Assert.DoesNotContain(ServerEventTypes.OutputBufferCleared, rig.Line.Types);
        Assert.Empty(rig.Engine.Events);
        Assert.True(rig.Line.Packets[^1].Payload.AsSpan().ContainsAnyExcept((byte)0xFF));
    }

    [Fact]
    public async Task Clear_OfTheClient_CutsOff_AndIsNotTheEngines()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        await rig.Session.ReceiveEventAsync("""{"type":"output_audio_buffer.clear"}"""u8.ToArray(), default);
        rig.Advance(40);
        Assert.DoesNotContain(ServerEventTypes.OutputBufferCleared, rig.Line.Types); // there was nothing to clear
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Advance(500);
        await rig.Session.ReceiveEventAsync("""{"type":"output_audio_buffer.clear"}"""u8.ToArray(), default);
        rig.Advance(40);
        Assert.Equal(ServerEventTypes.OutputBufferCleared, rig.Line.Types.Last());
        Assert.Equal([ClientEventKind.ItemTruncate], rig.Engine.Events.Select(e => e.Kind));
        Assert.False(rig.Line.Packets[^1].Payload.AsSpan().ContainsAnyExcept((byte)0xFF));
    }

    [Fact]
    public void Engine_IsHeldWhenFarAhead_AndGoesOnWhenThereIsRoom()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu, new RtpMediaOptions { MaxQueuedSeconds = 2 });
        Assert.True(rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1.9)));
        Assert.False(rig.Engine.Play(CallRig.Item(), 45_600, Sine(440, 0.5)));
        Assert.False(rig.Engine.Say(ServerEventTypes.OutputAudioTranscriptDelta));
        rig.Advance(1000);
        Assert.Equal(0, rig.Engine.Resumed);
        rig.Advance(500);
        Assert.Equal(1, rig.Engine.Resumed);
        Assert.True(rig.Engine.Say(ServerEventTypes.OutputAudioTranscriptDelta));
        rig.Line.HasRoom = false;
        Assert.False(rig.Engine.Say(ServerEventTypes.OutputAudioTranscriptDelta));
        rig.Connection.EventsHaveRoom();
        Assert.Equal(2, rig.Engine.Resumed);
    }

    private static byte[] Sine(double hertz, double seconds) => Tone.ToBytes(Tone.Sine(hertz, TimeSpan.FromSeconds(seconds)));

    private static string Response(string id) => $$$"""{"response":{"id":"{{{id}}}","conversation_id":"conv_1"}}""";

    private static AudioCodec Codec(string name) => AudioCodecs.Available.First(codec => codec.Name == name);
}
