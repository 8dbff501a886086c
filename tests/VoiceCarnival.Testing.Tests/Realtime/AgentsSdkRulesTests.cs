using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Testing.Realtime;
using Xunit;

namespace VoiceCarnival.Testing.Tests.Realtime;

public sealed class AgentsSdkRulesTests
{
    [Fact]
    public void EveryExample_IsFine() => Assert.All(Examples.Server, json => Assert.Empty(AgentsSdkRules.Validate(JsonElement.Parse(json))));

    [Fact]
    public void NullInAPart_IsRefused() => Refused("response.content_part.added", json => json["part"]!["text"] = null, "part.text: must be absent");

    [Fact]
    public void PartNamedAsInItems_IsRefused() =>
        Refused("response.content_part.done", json => json["part"]!["type"] = "output_text", "part.type");

    [Fact]
    public void VoiceObject_IsRefused() => Refused(
        "response.created", json => json["response"]!["audio"]!["output"]!["voice"] = new JsonObject { ["id"] = "voice_1" }, "voice: must be a string");

    [Fact]
    public void TokenUsageWithoutDetails_IsRefused() => Refused(
        "conversation.item.input_audio_transcription.completed",
        json => json["usage"]!.AsObject().Remove("input_token_details"),
        "usage.input_token_details.text_tokens",
        "usage.input_token_details.audio_tokens");

    [Fact]
    public void McpDeltaWithoutObfuscation_IsRefused() =>
        Refused("response.mcp_call_arguments.delta", json => json.AsObject().Remove("obfuscation"), "obfuscation");

    [Fact]
    public void InterruptResponseThatIsNotEchoed_IsRefused() => Refused(
        "session.updated",
        json => json["session"]!["audio"]!["input"]!["turn_detection"]!.AsObject().Remove("interrupt_response"),
        "interrupt_response");

    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("call_id")]
    [InlineData("arguments")]
    public void NullInAnItem_IsRefused(string name) => Refused("conversation.item.done", json => json["item"]![name] = null, $"item.{name}");

    [Fact]
    public void NullInAnItemOfAResponse_IsRefused() =>
        Refused("response.done", json => json["response"]!["output"]![0]!["id"] = null, "response.output[0].id");

    [Fact]
    public void UnknownContentType_IsRefused() =>
        Refused("response.output_item.done", json => json["item"]!["content"]![0]!["type"] = "text", "item.content[0].type");

    [Fact]
    public void SpokenItemWithoutTranscript_IsRefused() =>
        Refused("conversation.item.added", json => json["item"] = JsonNode.Parse("""{"id":"i","type":"message","role":"user","content":[{"type":"input_audio"}]}"""), "item.content[0].transcript");

    private static void Refused(string type, Action<JsonNode> mutate, params string[] expected)
    {
        var json = JsonNode.Parse(Examples.ServerEvent(type))!;
        mutate(json);

        var problems = AgentsSdkRules.Validate(JsonElement.Parse(json.ToJsonString()));

        Assert.Equal(expected.Length, problems.Count);
        Assert.All(expected, text => Assert.Contains(problems, problem => problem.Contains(text, StringComparison.Ordinal)));
    }
}
