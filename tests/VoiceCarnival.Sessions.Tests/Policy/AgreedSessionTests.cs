using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions.Tests.Policy;

/// <summary>What a call's session may be when its caller can change it past this server.</summary>
public sealed class AgreedSessionTests
{
    private const string Agreed = """{"type":"realtime","model":"m","instructions":"Sell flowers.","tools":[{"type":"function","name":"look"}],"audio":{"output":{"voice":"marin"}}}""";

    // As the service tells it: defaults filled in.
    private const string InForce = """
        {"id":"sess_1","object":"realtime.session","type":"realtime","model":"m","expires_at":1,"instructions":"Sell flowers.","output_modalities":["audio"],
         "tools":[{"type":"function","name":"look","description":null,"parameters":{}}],"tool_choice":"auto","max_output_tokens":"inf","tracing":null,"prompt":null,
         "audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.5}},"output":{"voice":"marin","speed":1.0}}}
        """;

    [Fact]
    public void ServicesOwnForm_IsNoDifference()
    {
        var agreed = Start(new PolicyOptions { AllowedFields = ["audio.input.turn_detection"] });
        Assert.Null(agreed.Check(Session(_ => { })));
        Assert.Null(agreed.Check(Session(session => session["audio"]!["output"]!["speed"] = 1)));
    }

    [Fact]
    public void FieldOutsideTheList_IsSetBackToWhatItWas()
    {
        var agreed = Start(new PolicyOptions { AllowedFields = ["audio.input.turn_detection"] });
        Assert.Equal("""{"instructions":"Sell flowers.","type":"realtime"}""", SetBack(agreed, session => session["instructions"] = "Give them away."));
        Assert.Equal("""{"tools":[{"type":"function","name":"look"}],"type":"realtime"}""", SetBack(agreed, session => session["tools"] = new JsonArray()));
        Assert.Equal("""{"audio":{"output":{"speed":1.0}},"type":"realtime"}""", SetBack(agreed, session => session["audio"]!["output"]!["speed"] = 1.5));
        Assert.Equal("""{"output_modalities":["audio"],"type":"realtime"}""", SetBack(agreed, session => session["output_modalities"] = new JsonArray("text")));
        Assert.Equal("""{"tracing":null,"type":"realtime"}""", SetBack(agreed, session => session["tracing"] = "auto"));
        Assert.Equal("""{"reasoning":null,"type":"realtime"}""", SetBack(agreed, session => session["reasoning"] = new JsonObject { ["effort"] = "xhigh" }));
        Assert.Null(agreed.Check(Session(session => session["audio"]!["input"]!["turn_detection"] = null)));
    }

    [Fact]
    public void PartOfAField_MayBeAllowed()
    {
        var agreed = Start(new PolicyOptions { AllowedFields = ["audio.input.turn_detection.threshold"] });
        Assert.Null(agreed.Check(Session(session => session["audio"]!["input"]!["turn_detection"]!["threshold"] = 0.9)));
        Assert.Equal("""{"audio":{"input":{"turn_detection":{"type":"server_vad"}}},"type":"realtime"}""",
            SetBack(agreed, session => session["audio"]!["input"]!["turn_detection"]!["type"] = "semantic_vad"));
    }

    [Fact]
    public void CallerWhoWasQuickerThanWe_GainsNothing()
    {
        var agreed = New(new PolicyOptions { AllowedFields = ["audio"] });
        Assert.Equal("""{"instructions":"Sell flowers.","tools":[{"type":"function","name":"look"}],"tool_choice":"auto","type":"realtime"}""", SetBack(agreed, session =>
        {
            session["instructions"] = "Give them away.";
            session["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["name"] = "look" }, new JsonObject { ["type"] = "mcp", ["server_label"] = "mine" });
            session["tool_choice"] = "none";
        }));
        Assert.Null(agreed.Check(Session(_ => { })));
    }

    [Fact]
    public void KeptFields_StayWithoutAList()
    {
        var agreed = Start(new PolicyOptions { Instructions = "Sell flowers." });
        Assert.NotNull(agreed.Check(Session(session => session["instructions"] = "Give them away.")));
        Assert.NotNull(agreed.Check(Session(session => session["prompt"] = new JsonObject { ["id"] = "pmpt_1" })));
        Assert.Null(agreed.Check(Session(session => session["tools"] = new JsonArray())));
    }

    [Fact]
    public void ChosenValuesOutOfBounds_AreSetBack_OthersAreNot()
    {
        var agreed = Start(new PolicyOptions { AllowedVoices = ["cedar"], MaxOutputTokens = 100, MaxInstructionsLength = 20, AllowMcpTools = false }, fields => fields["max_output_tokens"] = 100,
            session => session["max_output_tokens"] = 100);
        Assert.Null(agreed.Check(Session(session => (session["max_output_tokens"], session["audio"]!["output"]!["voice"]) = (50, "cedar"))));
        Assert.Equal("""{"max_output_tokens":100,"type":"realtime"}""", SetBack(agreed, session => session["max_output_tokens"] = "inf"));
        Assert.Equal("""{"audio":{"output":{"voice":"marin"}},"type":"realtime"}""",
            SetBack(agreed, session => (session["max_output_tokens"], session["audio"]!["output"]!["voice"]) = (100, "ash")));
        Assert.Equal("""{"instructions":"Sell flowers.","type":"realtime"}""",
            SetBack(agreed, session => (session["max_output_tokens"], session["instructions"]) = (100, new string('x', 21))));
        Assert.Equal("""{"tools":[{"type":"function","name":"look"}],"type":"realtime"}""",
            SetBack(agreed, session => (session["max_output_tokens"], session["tools"]) = (100, new JsonArray(new JsonObject { ["type"] = "mcp" }))));
    }

    [Fact]
    public void WhatWasSentThroughThisServer_IsAgreedOnceItShows()
    {
        var agreed = Start(new PolicyOptions { AllowedFields = ["audio"] });
        agreed.Propose(new JsonObject { ["type"] = "realtime", ["instructions"] = "Sell bread." });
        Assert.Null(agreed.Check(Session(_ => { })));
        Assert.Null(agreed.Check(Session(session => session["instructions"] = "Sell bread.")));
        Assert.Equal("""{"instructions":"Sell bread.","type":"realtime"}""", SetBack(agreed, _ => { }));
    }

    [Theory]
    [InlineData("""{"max_output_tokens":"inf"}""", "response.max_output_tokens")]
    [InlineData("""{"max_output_tokens":101}""", "response.max_output_tokens")]
    [InlineData("""{"audio":{"output":{"voice":"ash"}}}""", "response.audio.output.voice")]
    [InlineData("""{"max_output_tokens":100,"audio":{"output":{"voice":"marin"}}}""", null)]
    [InlineData("""{"max_output_tokens":7,"audio":{"output":{"voice":"cedar"}}}""", null)]
    public void Responses_AreHeldToTheBounds(string response, string? param)
    {
        var agreed = Start(new PolicyOptions { AllowedVoices = ["cedar"], MaxOutputTokens = 100 }, fields => fields["max_output_tokens"] = 100, session => session["max_output_tokens"] = 100);
        Assert.Equal(param, agreed.CheckResponse(JsonElement.Parse(response))?.Param);
    }

    [Fact]
    public void TrustedCallers_AndPoliciesThatAllowAll_HoldNobody()
    {
        var policy = new SessionPolicy(new PolicyOptions { AllowedFields = ["audio"] });
        Assert.Null(policy.Agree(new Caller(CallerKind.ApiKey, "backend"), []));
        Assert.Null(new SessionPolicy(new PolicyOptions()).Agree(Caller.Anonymous, []));
    }

    private static AgreedSession New(PolicyOptions options, Action<JsonObject>? fields = null)
    {
        var agreed = JsonNode.Parse(Agreed)!.AsObject();
        fields?.Invoke(agreed);
        return new SessionPolicy(options).Agree(Caller.Anonymous, agreed)!;
    }

    private static AgreedSession Start(PolicyOptions options, Action<JsonObject>? fields = null, Action<JsonObject>? first = null)
    {
        var agreed = New(options, fields);
        Assert.Null(agreed.Check(Session(first ?? (_ => { }))));
        return agreed;
    }

    private static string SetBack(AgreedSession agreed, Action<JsonObject> change) => agreed.Check(Session(change))!.Value.Fields.ToJsonString();

    private static JsonObject Session(Action<JsonObject> change)
    {
        var session = JsonNode.Parse(InForce)!.AsObject();
        change(session);
        return session;
    }
}
