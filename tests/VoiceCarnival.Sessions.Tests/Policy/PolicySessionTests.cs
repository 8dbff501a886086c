using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions.Tests.Policy;

public sealed class PolicySessionTests
{
    [Fact]
    public async Task RefusedField_IsAnErrorWithTheCallersId_AndTheSessionGoesOn()
    {
        using var rig = new SessionRig(policy: new PolicyOptions { AllowedFields = ["audio"] });
        var (session, connection) = await rig.StartAsync();
        await session.ReceiveEventAsync("""{"event_id":"e1","type":"session.update","session":{"type":"realtime","instructions":"x"}}"""u8.ToArray(), CancellationToken.None);
        Assert.Empty(rig.EngineSession.Events);
        var error = connection.Last(ServerEventTypes.Error).GetProperty("error");
        Assert.Equal("policy_violation", error.GetProperty("code").GetString());
        Assert.Equal("session.instructions", error.GetProperty("param").GetString());
        Assert.Equal("e1", error.GetProperty("event_id").GetString());
        await session.ReceiveEventAsync("""{"type":"response.create"}"""u8.ToArray(), CancellationToken.None);
        Assert.Equal(ClientEventKind.ResponseCreate, Assert.Single(rig.EngineSession.Events).Kind);
        Assert.False(session.Ended.IsCompleted);
    }

    [Fact]
    public async Task TrustedCaller_SetsWhatItLikes()
    {
        using var rig = new SessionRig(policy: new PolicyOptions { AllowedFields = [] }) { Caller = new Caller(CallerKind.ApiKey, "backend") };
        var (session, _) = await rig.StartAsync();
        await session.ReceiveEventAsync("""{"type":"session.update","session":{"instructions":"x"}}"""u8.ToArray(), CancellationToken.None);
        Assert.Single(rig.EngineSession.Events);
    }

    [Fact]
    public async Task OperatorsFields_AreHiddenFromStrangersOnly()
    {
        const string Created = """{"type":"session.created","session":{"id":"s","instructions":"secret","tools":[{"name":"hidden"}]}}""";
        using var rig = new SessionRig(policy: new PolicyOptions { HideOperatorFields = true });
        var (_, stranger) = await rig.StartAsync();
        rig.EngineSession.Say(ServerEventTypes.SessionCreated, Created);
        rig.EngineSession.Say(ServerEventTypes.SessionUpdated, Created);
        Assert.DoesNotContain(stranger.Json, json => json.Contains("secret", StringComparison.Ordinal) || json.Contains("hidden", StringComparison.Ordinal));
        Assert.Contains(stranger.Json, json => json.Contains("\"id\":\"s\"", StringComparison.Ordinal));
        rig.Caller = new Caller(CallerKind.ApiKey, "backend");
        var (_, trusted) = await rig.StartAsync();
        rig.EngineSession.Say(ServerEventTypes.SessionCreated, Created);
        Assert.Contains(trusted.Json, json => json.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ModelThatIsNotOffered_OpensNoSession()
    {
        using var rig = new SessionRig(policy: new PolicyOptions { AllowedModels = ["small"] });
        var (_, refusal) = await rig.Host.OpenAsync(new VoiceSessionRequest { SessionId = "sess_1", Transport = "scripted", Model = "large" }, CancellationToken.None);
        Assert.Equal(403, refusal!.Status);
        Assert.Equal("model", refusal.Error.Param);
    }

    [Theory]
    [InlineData("large", null, "model")]
    [InlineData(null, null, "model")]
    [InlineData("large", """{"model":"minted"}""", "minted")]
    public async Task ModelOfTheUrl_WhereFieldsMayNotNameOne_IsTheOperatorsOrTheSecrets(string? asked, string? bound, string opened)
    {
        using var rig = new SessionRig(policy: new PolicyOptions { AllowedFields = ["output_modalities"] });
        var (session, _) = await rig.Host.OpenAsync(
            new VoiceSessionRequest { SessionId = "sess_1", Transport = "scripted", Model = asked, InitialSession = bound is null ? default : JsonSerializer.Deserialize<JsonElement>(bound) },
            CancellationToken.None);
        Assert.Equal(opened, rig.Engine.Requests[^1].Model);
        session!.End(new SessionTermination(TerminationKind.CallerLost, "done"));
    }

    [Theory]
    [InlineData("output_modalities", null, false)]
    [InlineData("output_modalities", """{"type":"transcription"}""", true)]
    [InlineData("audio.input.transcription", null, true)]
    public async Task SessionThatOnlyTranscribes_IsForWhoMaySetHow_OrWhoseSecretSaysSo(string allowed, string? bound, bool opens)
    {
        using var rig = new SessionRig(policy: new PolicyOptions { AllowedFields = [allowed] });
        var (session, refusal) = await rig.Host.OpenAsync(
            new VoiceSessionRequest { SessionId = "sess_1", Transport = "scripted", Type = "transcription", InitialSession = bound is null ? default : JsonSerializer.Deserialize<JsonElement>(bound) },
            CancellationToken.None);
        Assert.Equal(opens ? null : "intent", refusal?.Error.Param);
        session?.End(new SessionTermination(TerminationKind.CallerLost, "done"));
    }

    [Theory]
    [InlineData(null, "own", true)]
    [InlineData(null, "other", false)]
    [InlineData("other", "other", true)]
    [InlineData("other", "own", false)]
    public void ModelOfABody_WhereFieldsMayNotNameOne_IsTheOperatorsOrOneOfTheListed(string? listed, string named, bool passes)
    {
        var policy = new SessionPolicy(new PolicyOptions { AllowedFields = ["output_modalities"], AllowedModels = listed is null ? null : [listed] });
        var session = JsonSerializer.Deserialize<JsonElement>($$"""{"type":"realtime","model":"{{named}}"}""");
        Assert.Equal(passes, policy.CheckSession(session, Caller.Anonymous, "own") is null);
        Assert.Equal(listed is not null, policy.LetsNameModel);
        var more = JsonSerializer.Deserialize<JsonElement>($$"""{"type":"realtime","model":"{{named}}","instructions":"x"}""");
        Assert.NotNull(policy.CheckSession(more, Caller.Anonymous, "own"));
    }

    [Fact]
    public void FieldsThatThereAreNot_AreTold() =>
        Assert.Equal(["instruction", "audio.input.turn_detecton"], new SessionPolicy(new PolicyOptions
        {
            AllowedFields = ["instruction", "instructions", "audio.input.turn_detecton", "audio.input.turn_detection.eagerness", "item.system", "*"],
        }).UnknownFields);
}
