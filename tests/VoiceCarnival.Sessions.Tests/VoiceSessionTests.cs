using System.Text;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Tests;

public sealed class VoiceSessionTests
{
    private static readonly SessionTermination LineBroke = new(TerminationKind.CallerLost, "the line broke");

    [Fact]
    public async Task Start_LetsTheEngineBegin()
    {
        using var rig = new SessionRig();
        var (_, connection) = await rig.StartAsync(understandsExtensions: false);
        Assert.True(rig.EngineSession.Started);
        Assert.Equal([ServerEventTypes.SessionCreated], connection.Log);
    }

    [Fact]
    public async Task WhatIsSaidBeforeThereIsALine_IsHandedToTheFirst_ButForWhatWasCleared()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        session.Begin();
        Assert.True(rig.EngineSession.Started);
        rig.EngineSession.Say(ServerEventTypes.SessionCreated);
        Assert.False(rig.EngineSession.Play(SessionRig.Item("item_a"), 0, 240));
        await session.SendOperatorEventAsync("""{"type":"output_audio_buffer.clear"}"""u8.ToArray(), default);
        rig.EngineSession.Play(SessionRig.Item("item_b", 2), 0, 480);

        var connection = new ScriptedConnection(understandsExtensions: false);
        session.Start(connection);

        Assert.Equal([ServerEventTypes.SessionCreated, "item_a@0+240", "clear", "item_b@0+480"], connection.Log);
        Assert.Equal(1, rig.EngineSession.OutputResumed);
        Assert.DoesNotContain(rig.EngineSession.Events, e => e.Kind == ClientEventKind.OutputBufferClear);
        Assert.True(rig.EngineSession.Say("next"));
    }

    [Fact]
    public async Task SessionThatEndedBeforeItsLine_ClosesIt()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        session.Begin();
        session.End(LineBroke);

        var connection = new ScriptedConnection();
        session.Start(connection);

        Assert.Equal(LineBroke, connection.Closed);
        Assert.Empty(connection.Log);
    }

    [Fact]
    public async Task CallerThatKnowsOurEvents_GetsAResumeToken()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        Assert.Equal([ServerEventTypes.SessionCreated, ServerEventTypes.ResumeToken], connection.Log);
        Assert.Equal(30_000, connection.Last(ServerEventTypes.ResumeToken).GetProperty("grace_ms").GetInt64());
        Assert.Same(session, rig.Host.FindByToken(connection.Last(ServerEventTypes.ResumeToken).GetProperty("token").GetString()!));
    }

    [Fact]
    public async Task NoGrace_NoResumeToken()
    {
        using var rig = new SessionRig(limits => limits.ResumeGraceSeconds = 0);
        var (_, connection) = await rig.StartAsync();
        Assert.Equal([ServerEventTypes.SessionCreated], connection.Log);
    }

    [Fact]
    public async Task OutputWhileDetached_IsHandedOverInOrder()
    {
        using var rig = new SessionRig();
        var (session, first) = await rig.StartAsync();
        session.Detach(first, LineBroke, mayResume: true);
        var item = SessionRig.Item("item_a");
        Assert.False(rig.EngineSession.Say("one"));
        Assert.False(rig.EngineSession.Play(item, 0, 240));
        rig.EngineSession.Say("two");

        var second = new ScriptedConnection();
        Assert.True(session.Resume(second));
        Assert.Equal([ServerEventTypes.Resumed, ServerEventTypes.ResumeToken, "one", "item_a@0+240", "two"], second.Log);
        Assert.Equal(0, second.Last(ServerEventTypes.Resumed).GetProperty("dropped_audio_ms").GetInt64());
        Assert.Equal(1, rig.EngineSession.OutputResumed);
        Assert.Equal(1, session.Statistics.Resumptions);

        Assert.True(rig.EngineSession.Say("three"));
        Assert.Equal("three", second.Log[^1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatIsNotKnownToHaveArrived_ComesFirst(bool isKnownToBeBroken)
    {
        using var rig = new SessionRig();
        var (session, first) = await rig.StartAsync();
        first.Undelivered.AddRange(["one", "two"]);
        if (isKnownToBeBroken)
            session.Detach(first, LineBroke, mayResume: true);
        else
            rig.EngineSession.Say("over the old line, which is asked for it");
        var second = new ScriptedConnection();
        if (isKnownToBeBroken)
            rig.EngineSession.Say("three");
        Assert.True(session.Resume(second));
        Assert.Equal([ServerEventTypes.Resumed, ServerEventTypes.ResumeToken, "one", "two", .. isKnownToBeBroken ? new[] { "three" } : []], second.Log);
        Assert.True(first.MayRepeat);
    }

    [Fact]
    public async Task ALineThatPlaysTheAudioItself_IsNotGivenWhatMayHaveBeenHeard()
    {
        using var rig = new SessionRig();
        var (session, first) = await rig.StartAsync();
        Assert.True(session.Resume(new ScriptedConnection { PlaysItself = true }));
        Assert.False(first.MayRepeat);
    }

    [Fact]
    public async Task AudioPastTheBound_IsDroppedAndTold()
    {
        // A quarter of it is for events.
        using var rig = new SessionRig(limits => limits.ResumeBufferKilobytes = 16);
        var (session, first) = await rig.StartAsync();
        session.Detach(first, LineBroke, mayResume: true);
        var item = SessionRig.Item("item_a");
        for (int i = 0; i < 10; i++)
            rig.EngineSession.Play(item, i * 2400L, 2400);

        var second = new ScriptedConnection();
        Assert.True(session.Resume(second));
        Assert.Equal(800, second.Last(ServerEventTypes.Resumed).GetProperty("dropped_audio_ms").GetInt64());
        Assert.Equal(2, second.Log.Count(entry => entry.StartsWith("item_a@", StringComparison.Ordinal)));
        Assert.Equal(800, session.Statistics.DroppedAudioMilliseconds);
    }

    [Fact]
    public async Task EventsPastTheBound_CannotBeResumed()
    {
        using var rig = new SessionRig(limits => limits.ResumeBufferKilobytes = 16);
        var (session, first) = await rig.StartAsync();
        session.Detach(first, LineBroke, mayResume: true);
        for (int i = 0; i < 20; i++)
            rig.EngineSession.Say("long", $$"""{"type":"long","text":"{{new string('x', 1000)}}"}""");
        Assert.False(session.Resume(new ScriptedConnection()));
    }

    [Fact]
    public async Task ResumeWhileAttached_ReplacesTheOldConnection()
    {
        using var rig = new SessionRig();
        var (session, first) = await rig.StartAsync();
        var second = new ScriptedConnection();
        Assert.True(session.Resume(second));
        Assert.Equal(TerminationKind.CallerClosed, first.Closed!.Kind);

        session.Detach(first, LineBroke, mayResume: false);
        Assert.False(session.Ended.IsCompleted);
        rig.EngineSession.Say("on");
        Assert.Equal("on", second.Log[^1]);
        Assert.DoesNotContain("on", first.Log);
    }

    [Fact]
    public async Task DetachForGood_EndsTheSession()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        session.Detach(connection, SessionTermination.CallerClosed, mayResume: false);
        Assert.Equal(TerminationKind.CallerClosed, (await session.Ended).Kind);
        await rig.EngineSession.Disposed;
    }

    [Fact]
    public async Task EndTwice_OnlyTheFirstCounts()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        session.End(new SessionTermination(TerminationKind.Idle, "first"));
        session.End(new SessionTermination(TerminationKind.Operator, "second"));
        rig.EngineSession.End(new SessionTermination(TerminationKind.EngineFailed, "third"));
        Assert.Equal("first", (await session.Ended).Reason);
        Assert.Equal("first", connection.Closed!.Reason);
    }

    [Fact]
    public async Task EngineThatBreaksOff_EndsTheSession()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        rig.EngineSession.End(new SessionTermination(TerminationKind.EngineFailed, "gone"));
        Assert.Equal(TerminationKind.EngineFailed, (await session.Ended).Kind);
        Assert.Equal("gone", connection.Closed!.Reason);
        await rig.EngineSession.Disposed;
    }

    [Fact]
    public async Task ConnectionAfterTheEnd_IsClosed()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        session.End(new SessionTermination(TerminationKind.ServerShutdown, "restart"));
        var late = new ScriptedConnection();
        session.Start(late);
        Assert.Equal("restart", late.Closed!.Reason);
        Assert.False(rig.EngineSession.Started);
        Assert.False(session.Resume(new ScriptedConnection()));
    }

    [Fact]
    public async Task OutputAfterTheEnd_GoesNowhere()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        session.End(SessionTermination.CallerClosed);
        int before = connection.Log.Count;
        Assert.False(rig.EngineSession.Say("late"));
        Assert.False(rig.EngineSession.Play(SessionRig.Item("item_a"), 0, 240));
        Assert.Equal(before, connection.Log.Count);
    }

    [Fact]
    public async Task FullConnection_TellsTheEngineToHold()
    {
        using var rig = new SessionRig();
        var (_, connection) = await rig.StartAsync();
        connection.HasRoom = false;
        Assert.False(rig.EngineSession.Play(SessionRig.Item("item_a"), 0, 240));
        Assert.Equal("item_a@0+240", connection.Log[^1]);
    }

    [Fact]
    public async Task CallerEvents_ReachTheEngineWithTheirKind()
    {
        using var rig = new SessionRig();
        var (session, _) = await rig.StartAsync();
        await Receive(session, """{"type":"response.create"}""");
        await Receive(session, "not json");
        await session.ReceiveAudioAsync(new byte[480], CancellationToken.None);
        Assert.Equal([ClientEventKind.ResponseCreate, ClientEventKind.Malformed], rig.EngineSession.Events.Select(e => e.Kind));
        Assert.Equal(480, rig.EngineSession.AudioBytes);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("\"a\"", "\"a\"")]
    public async Task Ping_IsAnsweredWithItsId(string id, string expected)
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        await Receive(session, $$"""{"type":"voicecarnival.ping","id":{{id}}}""");
        Assert.Equal(expected, connection.Last(ServerEventTypes.Pong).GetProperty("id").GetRawText());
        Assert.Empty(rig.EngineSession.Events);
    }

    [Theory]
    [InlineData("""{"type":"voicecarnival.ping","id":"\ud800"}""")]
    [InlineData("""{"type":"voicecarnival.playout","item_id":"\ud800","audio_played_ms":1}""")]
    [InlineData("""{"type":"voicecarnival.playout","item_id":"a","audio_played_ms":1e999,"content_index":1e99}""")]
    [InlineData("""{"type":"voicecarnival.playout","item_id":5}""")]
    [InlineData("""{"type":"voicecarnival.ping",""")]
    public async Task OddEventsOfOurs_NeverThrow(string json)
    {
        using var rig = new SessionRig();
        var (session, _) = await rig.StartAsync();
        await Receive(session, json);
        Assert.False(session.Ended.IsCompleted);
    }

    [Fact]
    public async Task PlayoutReports_AreKeptPerItem()
    {
        using var rig = new SessionRig();
        var (session, _) = await rig.StartAsync();
        var item = SessionRig.Item("item_a");
        rig.EngineSession.Play(item, 0, 24_000);
        await Receive(session, """{"type":"voicecarnival.playout","item_id":"item_a","content_index":0,"audio_played_ms":250}""");
        Assert.Equal(24_000, item.SentSamples);
        Assert.Equal(6_000, session.Playout.HeardSamples("item_a"));
        Assert.Null(session.Playout.HeardSamples("item_b"));
    }

    [Fact]
    public async Task FirstAudio_IsMeasuredFromTheEndOfSpeech()
    {
        using var rig = new SessionRig();
        var (session, _) = await rig.StartAsync();
        rig.EngineSession.Say(ServerEventTypes.SpeechStopped);
        rig.Time.Advance(TimeSpan.FromMilliseconds(240));
        rig.EngineSession.Play(SessionRig.Item("item_a"), 0, 240);
        rig.Time.Advance(TimeSpan.FromMilliseconds(240));
        rig.EngineSession.Play(SessionRig.Item("item_a"), 240, 240);
        Assert.Equal(240, session.Statistics.MeanFirstAudioMilliseconds);
    }

    private static ValueTask Receive(VoiceSession session, string json) =>
        session.ReceiveEventAsync(Encoding.UTF8.GetBytes(json), CancellationToken.None);

    [Fact]
    public async Task WhereATurnsTimeWent_IsToldToThoseWhoUnderstand_AndKept()
    {
        using var rig = new SessionRig();
        var (session, connection) = await rig.StartAsync();
        rig.EngineSession.Measure(new TurnLatency("resp_1", TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(210.44), TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(40), TimeSpan.Zero));
        var told = connection.Last(ServerEventTypes.TurnLatency);
        Assert.Equal("resp_1", told.GetProperty("response_id").GetString());
        Assert.Equal(200, told.GetProperty("silence_ms").GetDouble());
        Assert.Equal(210.4, told.GetProperty("recognition_ms").GetDouble());
        Assert.Equal(0, told.GetProperty("sending_ms").GetDouble());
        rig.EngineSession.Measure(new TurnLatency("resp_2", null, TimeSpan.Zero, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(2)));
        Assert.False(connection.Last(ServerEventTypes.TurnLatency).TryGetProperty("silence_ms", out _));
        Assert.Equal("recognition 105, thinking 4, speaking 41 ms", session.Statistics.MeanStages);

        using var other = new SessionRig();
        var (_, plain) = await other.StartAsync(understandsExtensions: false);
        other.EngineSession.Measure(new TurnLatency("resp_1", null, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal([ServerEventTypes.SessionCreated], plain.Log);
    }
}
