using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>A caller talks to the local engine, which says back what it hears.</summary>
public sealed class ConversationTests
{
    public static TheoryData<string> Codecs => [.. AudioCodecs.Available.Select(codec => codec.Name)];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void WhatIsSaid_ComesBack(string name)
    {
        using var rig = Rig(name);
        int rate = rig.Call.Codec.SampleRate;
        short[] hello = Spoken("hello.wav", rate);
        Say(rig, hello);
        Say(rig, new short[3 * rate]);
        Assert.Equal(
            [
                ServerEventTypes.SpeechStarted, ServerEventTypes.SpeechStopped, ServerEventTypes.BufferCommitted, ServerEventTypes.ResponseCreated,
                ServerEventTypes.ContentPartAdded, ServerEventTypes.OutputBufferStarted, ServerEventTypes.ResponseDone, ServerEventTypes.OutputBufferStopped,
            ],
            rig.Line.Types.Where(type => type is ServerEventTypes.SpeechStarted or ServerEventTypes.SpeechStopped or ServerEventTypes.BufferCommitted or ServerEventTypes.ResponseCreated
                or ServerEventTypes.ContentPartAdded or ServerEventTypes.ResponseDone || type.StartsWith("output_audio_buffer.", StringComparison.Ordinal)));
        // The audio is RTP alone.
        Assert.DoesNotContain(ServerEventTypes.OutputAudioDelta, rig.Line.Types);
        short[] heard = rig.Caller.Hear(rig.Line.Packets);
        var (_, correlation) = AudioCheck.Find(hello.AsSpan(rate / 4, rate / 2), heard);
        Assert.True(correlation > (name == "opus" ? 0.85 : 0.98), $"{correlation:F3}");
        Assert.Equal(1, rig.Session.Statistics.Turns);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task CallerWhoInterrupts_IsHeard_AndTheItemIsCutWhereTheSoundWas(string name)
    {
        using var rig = Rig(name);
        int rate = rig.Call.Codec.SampleRate;
        // Who counts makes pauses; they are to be one turn.
        await rig.Session.ReceiveEventAsync(
            """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":1000}}}}}"""u8.ToArray(), default);
        Say(rig, Spoken("counting.wav", rate));
        Say(rig, new short[2 * rate]);
        var started = rig.Line.Events.Last(e => e.Type == ServerEventTypes.OutputBufferStarted);
        Assert.DoesNotContain(ServerEventTypes.OutputBufferStopped, rig.Line.Types);
        Say(rig, Spoken("barge-in.wav", rate)[..rate]);
        var speech = rig.Line.Events.Last(e => e.Type == ServerEventTypes.SpeechStarted);
        Assert.True(speech.At > started.At);
        var cleared = rig.Line.Events.Single(e => e.Type == ServerEventTypes.OutputBufferCleared);
        Assert.InRange(cleared.At - speech.At, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        var truncated = rig.Line.Events.Single(e => e.Type == ServerEventTypes.ItemTruncated);
        double played = (cleared.At - started.At).TotalMilliseconds;
        Assert.Equal(played, truncated.Json.GetProperty("audio_end_ms").GetInt32(), 30.0);
        Assert.DoesNotContain(ServerEventTypes.Error, rig.Line.Types);
        // Silent from the packet after.
        short[] after = rig.Caller.Hear(rig.Line.Packets.Where(p => p.At > cleared.At));
        Assert.InRange(AudioCheck.Rms(after.AsSpan(rate / 25)), 0, 0.005);
        Assert.Equal("turn_detected", Assert.Single(rig.Line.Events, e => e.Type == ServerEventTypes.ResponseDone).Json
            .GetProperty("response").GetProperty("status_details").GetProperty("reason").GetString());
    }

    private static CallRig Rig(string name) => new(AudioCodecs.Available.First(codec => codec.Name == name), engine: time =>
        new LocalEngine(Options.Create(new LocalEngineOptions()), time, NullLogger<LocalEngineSession>.Instance));

    private static void Say(CallRig rig, short[] samples)
    {
        foreach (byte[] packet in rig.Caller.Packets(samples))
        {
            rig.Connection.ReceiveRtp(packet);
            rig.Advance(20);
        }
    }

    private static short[] Spoken(string file, int rate)
    {
        short[] speech = SpeechFile.Read(file);
        var resampler = new Resampler(24_000, rate);
        var samples = new short[resampler.OutputLength(speech.Length)];
        resampler.Process(speech, samples);
        return samples;
    }
}
