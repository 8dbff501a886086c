using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtcp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>How what the agent says ends: with the call, or by another connection's taking over.</summary>
public sealed class AgentAudioEndTests
{
    [Fact]
    public void AgentThatHangsUp_IsHeardToItsEnd()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Advance(200);
        rig.Session.End(new SessionTermination(TerminationKind.Operator, "the agent hung up") { AfterPlayout = true });
        rig.Advance(700);
        Assert.Null(rig.Line.Closed);
        rig.Advance(200);
        Assert.Equal(TerminationKind.Operator, rig.Line.Closed?.Kind);
        Assert.Equal(50, rig.Line.Packets.Count(p => p.Payload.AsSpan().ContainsAnyExcept((byte)0xFF)));
        Assert.Equal(0, rig.Clock.Count);
        int sent = rig.Line.Packets.Count;
        rig.Advance(500);
        Assert.Equal(sent, rig.Line.Packets.Count);
    }

    [Theory]
    [InlineData(TerminationKind.CallerClosed)]
    [InlineData(TerminationKind.Operator)]
    [InlineData(TerminationKind.ServerShutdown)]
    public void OtherEnds_AreAtOnce_WithAGoodbye(TerminationKind kind)
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Advance(200);
        rig.Session.End(new SessionTermination(kind, "over"));
        Assert.Equal(kind, rig.Line.Closed?.Kind);
        Assert.Equal(RtcpError.None, RtcpCompound.TryRead(rig.Line.Reports[^1], out var compound));
        bool saysGoodbye = false;
        foreach (var packet in compound)
            saysGoodbye |= packet.Type == RtcpPacketType.Goodbye;
        Assert.True(saysGoodbye);
        int heard = rig.Engine.Heard.Count;
        rig.Speak(new short[1600]);
        Assert.Equal(heard, rig.Engine.Heard.Count);
        Assert.Equal(0, rig.Clock.Count);
    }

    [Fact]
    public void LineThatIsGone_LeavesTheSessionAlone()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Connection.Stop();
        rig.Session.Detach(rig.Connection, SessionTermination.CallerClosed, mayResume: true);
        Assert.Null(rig.Line.Closed);
        Assert.False(rig.Session.Ended.IsCompleted);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 0.5));

        // It comes back on another line, in mid-sentence.
        var line = new RecordingLine(rig.Clock);
        using var connection = rig.Media.Connect("test", rig.Session, rig.Call, line);
        Assert.True(rig.Session.Resume(connection));
        connection.Begin();
        rig.Engine.Play(CallRig.Item(), 12_000, Sine(440, 0.5));
        rig.Advance(1500);
        Assert.InRange(line.Packets.Count(p => p.Payload.AsSpan().ContainsAnyExcept((byte)0xFF)), 49, 51);
    }

    [Theory]
    [InlineData("PCMU", true)]
    [InlineData("PCMU", false)]
    [InlineData("G722", true)]
    public void WhatWasNotPlayed_IsPlayedByTheConnectionThatTakesOver(string name, bool isLost)
    {
        using var rig = new CallRig(Codec(name));
        var item = CallRig.Item();
        rig.Engine.Play(item, 0, Sine(440, 1));
        rig.Advance(300);
        if (isLost)
        {
            rig.Connection.Stop();
            rig.Session.Detach(rig.Connection, SessionTermination.CallerClosed, mayResume: true);
        }

        var line = new RecordingLine(rig.Clock);
        using var connection = rig.Media.Connect("test", rig.Session, rig.Call, line);
        Assert.True(rig.Session.Resume(connection));
        connection.Begin();
        rig.Advance(1500);
        short[] before = rig.Caller.Hear(rig.Line.Packets);
        short[] after = rig.Caller.Hear(line.Packets);
        int rate = rig.Call.Codec.SampleRate;
        Assert.Equal(0.3, before.Length / (double)rate, 0.03);
        Assert.Equal(0.7, Array.FindLastIndex(after, sample => Math.Abs((int)sample) > 500) / (double)rate, 0.05);
        Assert.Equal(24_000, item.HeardSamples, 50.0);
        Assert.Equal("replaced by a newer connection", isLost ? "replaced by a newer connection" : rig.Line.Closed?.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ResponseThatWasDoneBeforeAnotherConnectionTookOver_EndsThere_AndTheNextIsHeard(bool isLost)
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        rig.Engine.Play(CallRig.Item(), 0, Sine(440, 1));
        rig.Engine.Say(ServerEventTypes.OutputAudioDone, """{"item_id":"item_1","response_id":"resp_1"}""");
        rig.Engine.Say(ServerEventTypes.ResponseDone, """{"response":{"id":"resp_1","conversation_id":"conv_1"}}""");
        rig.Advance(300);
        if (isLost)
        {
            rig.Connection.Stop();
            rig.Session.Detach(rig.Connection, SessionTermination.CallerClosed, mayResume: true);
        }

        var line = new RecordingLine(rig.Clock);
        using var connection = rig.Media.Connect("test", rig.Session, rig.Call, line);
        Assert.True(rig.Session.Resume(connection));
        connection.Begin();
        rig.Advance(1000);
        Assert.Contains(line.Events, e => e.Type == ServerEventTypes.OutputBufferStopped);
        int before = line.Packets.Count(p => p.Payload.AsSpan().ContainsAnyExcept((byte)0xFF));
        rig.Engine.Play(CallRig.Item("item_2", "resp_2", ordinal: 2), 0, Sine(440, 0.5));
        rig.Advance(1000);
        Assert.Equal(25, line.Packets.Count(p => p.Payload.AsSpan().ContainsAnyExcept((byte)0xFF)) - before);
    }

    [Fact]
    public void TakingOver_WaitsForWhatTheCallerIsStillPlaying()
    {
        using var rig = new CallRig(AudioCodecs.Pcmu);
        // Another connection has brought 2 s, of which 1.2 s have been heard.
        var item = CallRig.Item();
        item.SentSamples = 48_000;
        item.HeardSamples = 28_800;
        rig.Engine.Play(item, 48_000, Sine(440, 1));
        rig.Advance(2000);
        Assert.Equal(0.8, rig.Line.Packets.FindIndex(p => p.Header.Marker) / 50.0, 0.05);
        Assert.Equal(72_000, item.HeardSamples);
    }

    private static byte[] Sine(double hertz, double seconds) => Tone.ToBytes(Tone.Sine(hertz, TimeSpan.FromSeconds(seconds)));

    private static AudioCodec Codec(string name) => AudioCodecs.Available.First(codec => codec.Name == name);
}
