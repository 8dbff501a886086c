using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Testing.Realtime;
using Xunit;

namespace VoiceCarnival.Testing.Tests.Realtime;

public sealed class RealtimeSchemaTests
{
    public RealtimeSchemaTests() =>
        Assert.SkipUnless(RealtimeSchema.IsAvailable, "OpenAI's schemas are not here; see tests/VoiceCarnival.Testing/Spec/README.md.");

    public static TheoryData<string> ServerExamples => [.. Examples.Server];

    public static TheoryData<string> ClientExamples => [.. Examples.Client];

    [Theory]
    [MemberData(nameof(ServerExamples))]
    public void ServerExample_IsValid(string json) => Assert.Empty(RealtimeSchema.ValidateServerEvent(json, reportUnknown: true));

    [Theory]
    [MemberData(nameof(ClientExamples))]
    public void ClientExample_IsValid(string json) => Assert.Empty(RealtimeSchema.ValidateClientEvent(json, reportUnknown: true));

    [Fact]
    public void EveryEventType_HasAnExample()
    {
        Assert.Equal(46, RealtimeSchema.ServerEventTypes.Count);
        Assert.Equal(11, RealtimeSchema.ClientEventTypes.Count);
        Assert.Empty(RealtimeSchema.ServerEventTypes.Except(Examples.Server.Select(TypeOf)));
        Assert.Empty(RealtimeSchema.ClientEventTypes.Except(Examples.Client.Select(TypeOf)));
    }

    [Theory]
    [MemberData(nameof(ServerExamples))]
    public void ServerEvent_WithAnyFieldOfAnotherType_IsRefused(string json)
    {
        foreach (string mutated in Mutation.WrongTypes(json))
        {
            Assert.True(RealtimeSchema.ValidateServerEvent(mutated).Count > 0, $"Nobody minds {mutated}");
        }
    }

    [Theory]
    [MemberData(nameof(ClientExamples))]
    public void ClientEvent_WithAnyFieldOfAnotherType_IsRefused(string json)
    {
        foreach (string mutated in Mutation.WrongTypes(json))
        {
            Assert.True(RealtimeSchema.ValidateClientEvent(mutated).Count > 0, $"Nobody minds {mutated}");
        }
    }

    [Theory]
    [MemberData(nameof(ServerExamples))]
    public void ServerEvent_WithoutARequiredField_IsRefusedByItsName(string json)
    {
        // At the top level, OpenAI's schemas of server events require nearly everything that the examples have.
        string[] optional = ["previous_item_id", "delta", "content_index", "name"];
        var keys = JsonNode.Parse(json)!.AsObject().Select(property => property.Key).ToList();
        foreach (string key in keys.Except(optional))
        {
            var mutated = JsonNode.Parse(json)!.AsObject();
            mutated.Remove(key);
            if (key == "event_id" && TypeOf(json).StartsWith("voicecarnival.", StringComparison.Ordinal))
            {
                continue;
            }

            Assert.Contains(RealtimeSchema.ValidateServerEvent(mutated.ToJsonString()), problem => problem.Contains(key, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void NullId_IsRefused()
    {
        var problems = Validate("response.output_item.added", json => json["item"]!["id"] = null);

        Assert.Contains("response.output_item.added item.id: null, but must be string or absent", problems);
    }

    [Fact]
    public void UnknownStatus_IsRefusedWithThePossibleOnes()
    {
        var problems = Validate("response.done", json => json["response"]!["status"] = "canceled");

        string problem = Assert.Single(problems);
        Assert.StartsWith("response.done response.status: \"canceled\" is not one of: completed, cancelled", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void ProblemDeepInAnItem_IsReportedWithItsPath()
    {
        var problems = Validate("response.done", json => json["response"]!["output"]![0]!["content"]![0]!["transcript"] = 7);

        Assert.Equal(["response.done response.output[0].content[0].transcript: must be string, but is 7"], problems);
    }

    [Fact]
    public void ItemOfUnknownType_IsRefusedByItsTag()
    {
        var problems = Validate("conversation.item.done", json => json["item"]!["type"] = "song");

        Assert.Contains("item.type: \"song\" is not one of: message", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void ItemOfUnknownRole_IsRefusedByItsTag()
    {
        var problems = Validate("conversation.item.done", json => json["item"]!["role"] = "clown");

        Assert.Contains("item.role: \"clown\" is not one of: system, user, assistant", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void UserContentInAnAssistantItem_IsRefused()
    {
        var problems = Validate("response.output_item.done", json => json["item"]!["content"]![0]!["type"] = "input_text");

        Assert.Contains("item.content[0].type", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void FieldOutOfBounds_IsRefused()
    {
        var problems = Validate("session.updated", json => json["session"]!["audio"]!["output"]!["speed"] = 3);

        Assert.Equal(["session.updated session.audio.output.speed: breaks maximum 1.5"], problems);
    }

    [Fact]
    public void UnknownField_IsRefusedOnlyWhenAsked()
    {
        var json = JsonNode.Parse(Examples.ServerEvent("response.output_audio_transcript.delta"))!;
        json["obfuscation"] = "aaaa";

        Assert.Empty(RealtimeSchema.ValidateServerEvent(json.ToJsonString()));
        Assert.Single(RealtimeSchema.ValidateServerEvent(json.ToJsonString(), reportUnknown: true));
    }

    [Theory]
    [InlineData("response.audio.delta")]
    [InlineData("response.cancelled")]
    [InlineData("transcription_session.updated")]
    [InlineData("session.update")]
    public void TypeThatNoGaServerSends_IsRefused(string type) =>
        Assert.Equal([$"type: no event is called {type}"], RealtimeSchema.ValidateServerEvent($$"""{"event_id":"e","type":"{{type}}"}"""));

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":null}""")]
    [InlineData("{")]
    public void NoEvent_IsRefused(string json)
    {
        Assert.Single(RealtimeSchema.ValidateServerEvent(json));
        Assert.Single(RealtimeSchema.ValidateClientEvent(json));
    }

    [Fact]
    public void NamedSchema_ChecksAnyObject()
    {
        const string Json = """
            {"value":"ek_1","expires_at":1795382400,"session":{"type":"realtime","id":"sess_1","object":"realtime.session"}}
            """;

        Assert.Empty(RealtimeSchema.Validate("RealtimeCreateClientSecretResponse", Json));
        Assert.Single(RealtimeSchema.Validate("RealtimeCreateClientSecretResponse", Json.Replace("1795382400", "\"soon\"", StringComparison.Ordinal)));
        Assert.Throws<ArgumentException>(() => RealtimeSchema.Validate("RealtimeCarousel", Json));
    }

    [Fact]
    public void Utf8Event_IsCheckedLikeText() =>
        Assert.Empty(RealtimeSchema.ValidateServerEvent((ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(Examples.Server[0])));

    [Theory]
    [InlineData("""{"type":"voicecarnival.audio_item","ordinal":-1,"item_id":"i","response_id":"r"}""")]
    [InlineData("""{"type":"voicecarnival.audio_item","ordinal":1,"response_id":"r"}""")]
    [InlineData("""{"type":"voicecarnival.audio_item","ordinal":1,"item_id":"i","response_id":null}""")]
    [InlineData("""{"type":"voicecarnival.anything","event_id":7}""")]
    public void ExtensionEventThatIsNotWhole_IsRefused(string json) => Assert.Single(RealtimeSchema.ValidateServerEvent(json));

    private static string TypeOf(string json) => JsonElement.Parse(json).GetProperty("type").GetString()!;

    private static IReadOnlyList<string> Validate(string type, Action<JsonNode> mutate)
    {
        var json = JsonNode.Parse(Examples.ServerEvent(type))!;
        mutate(json);

        // The agents SDK's rules have tests of their own.
        return [.. RealtimeSchema.ValidateServerEvent(json.ToJsonString()).Where(problem => !problem.EndsWith("(agents SDK)", StringComparison.Ordinal))];
    }
}
