using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions.Tests.Calls;

public sealed class SidebandTests
{
    private const string Created = """{"type":"session.created","event_id":"event_1","session":{"id":"sess_up","instructions":"Secret."}}""";
    private static readonly Caller Trusted = new(CallerKind.ApiKey, "backend");

    [Fact]
    public async Task Sideband_GetsTheLatestStateAsCreated_AndEventsButNoAudio()
    {
        using var rig = new SessionRig();
        var (session, main) = await StartCallAsync(rig);
        rig.EngineSession.Say(ServerEventTypes.SessionUpdated, """{"type":"session.updated","event_id":"event_2","session":{"id":"sess_up","instructions":"New."}}""");
        var late = new ScriptedConnection(understandsExtensions: false);
        Assert.NotNull(session.TryAttach(late, Trusted));
        Assert.Equal([ServerEventTypes.SessionCreated], late.Log);
        var told = late.Last(ServerEventTypes.SessionCreated);
        Assert.Equal("New.", told.GetProperty("session").GetProperty("instructions").GetString());
        Assert.NotEqual("event_2", told.GetProperty("event_id").GetString());
        rig.EngineSession.Say("one");
        rig.EngineSession.Play(SessionRig.Item("item_a"), 0, 240);
        Assert.Equal([ServerEventTypes.SessionCreated, "one"], late.Log);
        Assert.Contains("item_a@0+240", main.Log);
    }

    [Fact]
    public async Task LateSideband_IsToldHowThingsStand_AndNotWhatIsOver()
    {
        using var rig = new SessionRig();
        var (session, _) = await StartCallAsync(rig);
        session.Announce("call.progress", """{"type":"call.progress","state":"ringing"}"""u8, isState: true);
        session.Announce("call.progress", """{"type":"call.progress","state":"answered"}"""u8, isState: true);
        session.Announce("digit", """{"type":"digit"}"""u8);

        var late = new ScriptedConnection(understandsExtensions: false);
        session.TryAttach(late, Trusted);

        Assert.Equal([ServerEventTypes.SessionCreated, "call.progress"], late.Log);
        Assert.Equal("answered", late.Last("call.progress").GetProperty("state").GetString());
    }

    [Fact]
    public async Task FullSideband_DoesNotHoldTheCall()
    {
        using var rig = new SessionRig();
        var (session, main) = await StartCallAsync(rig);
        session.TryAttach(new ScriptedConnection { HasRoom = false }, Trusted);
        Assert.True(rig.EngineSession.Say("one"));
        Assert.Equal("one", main.Log[^1]);
    }

    [Fact]
    public async Task PolicyHoldsForWhoIsAtTheSideband()
    {
        using var rig = new SessionRig(policy: new PolicyOptions { AllowedFields = ["audio"], HideOperatorFields = true });
        rig.Caller = Trusted;
        var (session, _) = await StartCallAsync(rig);
        var strangers = new ScriptedConnection(understandsExtensions: false);
        var backends = new ScriptedConnection(understandsExtensions: false);
        var stranger = session.TryAttach(strangers, Caller.Anonymous)!;
        var backend = session.TryAttach(backends, Trusted)!;
        Assert.Equal("", strangers.Last(ServerEventTypes.SessionCreated).GetProperty("session").GetProperty("instructions").GetString());
        Assert.Equal("Secret.", backends.Last(ServerEventTypes.SessionCreated).GetProperty("session").GetProperty("instructions").GetString());

        const string Update = """{"event_id":"e1","type":"session.update","session":{"type":"realtime","instructions":"Mine."}}""";
        await Send(stranger, Update);
        Assert.Equal("e1", strangers.Last(ServerEventTypes.Error).GetProperty("error").GetProperty("event_id").GetString());
        Assert.DoesNotContain(ServerEventTypes.Error, backends.Log);
        Assert.Empty(rig.EngineSession.Events);
        await Send(backend, Update);
        Assert.Equal(ClientEventKind.SessionUpdate, Assert.Single(rig.EngineSession.Events).Kind);
    }

    [Theory]
    [InlineData("not JSON")]
    [InlineData("[]")]
    [InlineData("""{"type":5}""")]
    [InlineData("")]
    public async Task WhatIsNoEvent_IsToldToTheSenderAlone_AndGoesNoFurther(string message)
    {
        using var rig = new SessionRig();
        var (session, main) = await StartCallAsync(rig);
        var connection = new ScriptedConnection();
        await Send(session.TryAttach(connection, Trusted)!, message);
        Assert.Equal("invalid_event", connection.Last(ServerEventTypes.Error).GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain(ServerEventTypes.Error, main.Log);
        Assert.Empty(rig.EngineSession.Events);
    }

    [Fact]
    public async Task Ping_IsAnsweredToTheSenderAlone()
    {
        using var rig = new SessionRig();
        var (session, main) = await StartCallAsync(rig);
        var connection = new ScriptedConnection();
        await Send(session.TryAttach(connection, Trusted)!, """{"type":"voicecarnival.ping","id":7}""");
        Assert.Equal(7, connection.Last(ServerEventTypes.Pong).GetProperty("id").GetInt32());
        Assert.DoesNotContain(ServerEventTypes.Pong, main.Log);
    }

    [Fact]
    public async Task CallEnds_SidebandsAreClosed_AndNoMoreAreTaken()
    {
        using var rig = new SessionRig();
        var (session, _) = await StartCallAsync(rig);
        var connection = new ScriptedConnection();
        var detached = new ScriptedConnection();
        session.TryAttach(connection, Trusted);
        session.Detach(session.TryAttach(detached, Trusted)!);
        session.End(new SessionTermination(TerminationKind.Operator, "enough"));
        Assert.Equal("enough", connection.Closed!.Reason);
        Assert.Null(detached.Closed);
        Assert.Null(session.TryAttach(new ScriptedConnection(), Trusted));
    }

    [Fact]
    public async Task Sidebands_AreBounded_AndPlacesComeBack()
    {
        using var rig = new SessionRig();
        var (session, _) = await StartCallAsync(rig);
        var all = Enumerable.Range(0, VoiceSession.MostSidebands).Select(_ => session.TryAttach(new ScriptedConnection(), Trusted)!).ToArray();
        Assert.Null(session.TryAttach(new ScriptedConnection(), Trusted));
        session.Detach(all[0]);
        Assert.NotNull(session.TryAttach(new ScriptedConnection(), Trusted));
    }

    [Fact]
    public async Task OrdinarySession_HasNoSidebands()
    {
        using var rig = new SessionRig();
        var (session, _) = await rig.StartAsync();
        Assert.Null(session.TryAttach(new ScriptedConnection(), Trusted));
    }

    [Fact]
    public async Task MediaElsewhere_TheEnginesEventsCountAsHeardFromTheCaller()
    {
        using var rig = new SessionRig(limits => limits.MaxIdleSeconds = 60);
        var session = await rig.OpenAsync();
        var calls = new CallDirectory();
        Begin(calls, session);
        session.Start(new RemoteMedia("elsewhere"));
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        rig.EngineSession.Say(ServerEventTypes.SpeechStarted);
        rig.Time.Advance(TimeSpan.FromSeconds(50));
        rig.Host.Watch();
        Assert.False(session.Ended.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(11));
        rig.Host.Watch();
        Assert.Equal(TerminationKind.Idle, (await session.Ended).Kind);
        Assert.Empty(calls.Calls);
    }

    [Fact]
    public async Task SessionThatEndedBeforeItsCallBegan_LeavesNoCallBehind()
    {
        using var rig = new SessionRig();
        var session = await rig.OpenAsync();
        session.End(SessionTermination.CallerClosed);
        var calls = new CallDirectory();
        Begin(calls, session);
        Assert.Empty(calls.Calls);
    }

    [Fact]
    public void CallsOfOneOwner_AreBounded_OthersAreNot()
    {
        var calls = new CallDirectory();
        var secret = new Caller(CallerKind.ClientSecret, "cs_1");
        Assert.True(calls.TryAdd(new VoiceCall("rtc_1", "t", secret, NoControl.Instance), 1));
        Assert.False(calls.TryAdd(new VoiceCall("rtc_2", "t", secret, NoControl.Instance), 1));
        Assert.True(calls.TryAdd(new VoiceCall("rtc_3", "t", Trusted, NoControl.Instance), 1));
        Assert.True(calls.TryAdd(new VoiceCall("rtc_4", "t", Trusted, NoControl.Instance), 1));
        Assert.False(calls.TryAdd(new VoiceCall("rtc_4", "t", Trusted, NoControl.Instance)));
        Assert.True(calls.Find("rtc_1")!.IsOwnedBy(secret));
        Assert.False(calls.Find("rtc_1")!.IsOwnedBy(new Caller(CallerKind.ClientSecret, "cs_2")));
        Assert.False(calls.Find("rtc_3")!.IsOwnedBy(Trusted));
    }

    private static async Task<(VoiceSession Session, ScriptedConnection Main)> StartCallAsync(SessionRig rig)
    {
        var session = await rig.OpenAsync();
        Begin(new CallDirectory(), session);
        var main = new ScriptedConnection(understandsExtensions: false);
        session.Start(main);
        rig.EngineSession.Say(ServerEventTypes.SessionCreated, Created);
        return (session, main);
    }

    private static void Begin(CallDirectory calls, VoiceSession session)
    {
        var call = new VoiceCall("rtc_1", "scripted", Trusted, NoControl.Instance);
        calls.TryAdd(call);
        calls.Begin(call, session);
    }

    private static ValueTask Send(Sideband sideband, string json) => sideband.ReceiveEventAsync(Encoding.UTF8.GetBytes(json), CancellationToken.None);

    private sealed class NoControl : ICallControl
    {
        public static NoControl Instance { get; } = new();

        public ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken) => default;

        public ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken) => default;

        public ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken) => default;

        public ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken) => default;
    }
}
