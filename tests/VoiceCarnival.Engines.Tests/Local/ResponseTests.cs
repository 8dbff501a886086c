using System.Text.Json;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class ResponseTests
{
    private const string Long = """{"turns":[{"reply":[{"say":"one two three","ms":30000}]}]}""";

    [Fact]
    public void TextTurn_GivesTheEventsInTheOrderOfTheProtocol()
    {
        var h = new DialogueHarness();
        h.Update("\"output_modalities\":[\"text\"]");
        int from = h.Events.Count;
        h.CreateText("Hello world, how are you?");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal(
            [
                "conversation.item.added", "conversation.item.done", "response.created", "response.output_item.added", "conversation.item.added",
                "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "conversation.item.done", "response.done", "rate_limits.updated",
            ],
            h.Order(from));
        Assert.Equal("text", h.Single("response.content_part.added").Text("part.type"));
        Assert.Equal("Hello world, how are you?", h.Single("response.done").Text("response.output.0.content.0.text"));
        Assert.Equal("output_text", h.Single("response.done").Text("response.output.0.content.0.type"));
        Assert.Equal("in_progress", h.Single("response.created").Text("response.status"));
        Assert.StartsWith("conv_", h.Single("response.created").Text("response.conversation_id"), StringComparison.Ordinal);
        h.CheckFlow();
    }

    [Fact]
    public void FunctionCall_GivesTheEventsInTheOrderOfTheProtocol()
    {
        var h = new DialogueHarness(DialogueHarness.Script(
            """{"turns":[{"reply":[{"say":"Let me look.","ms":200},{"call":"weather","arguments":{"city":"Bern","days":2}}]},{"reply":[{"text":"Sunny."}]}]}"""));
        h.Send("""{"type":"response.create"}""");
        var done = h.RunUntilDone();
        int call = h.Events.FindIndex(e => e.Type == "response.output_item.added" && e.Text("item.type") == "function_call");
        Assert.Equal(
            [
                "response.output_item.added", "conversation.item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "conversation.item.done", "response.done", "rate_limits.updated",
            ],
            h.Order(call));
        Assert.Equal("in_progress", h.Events[call].Text("item.status"));
        Assert.Equal("", h.Events[call].Text("item.arguments"));
        Assert.Equal("message", done.Text("response.output.0.type"));
        Assert.Equal("function_call", done.Text("response.output.1.type"));
        Assert.Equal("completed", done.Text("response.output.1.status"));
        var arguments = h.Single("response.function_call_arguments.done");
        Assert.Equal("weather", arguments.Text("name"));
        Assert.Equal("Bern", JsonElement.Parse(arguments.Text("arguments")!).GetProperty("city").GetString());
        string callId = done.Text("response.output.1.call_id")!;
        Assert.Equal(callId, arguments.Text("call_id"));

        Assert.Equal(2, h.Send($$"""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"{{callId}}","output":"sun"} }""").Count);
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("Sunny.", h.RunUntilDone().Text("response.output.0.content.0.text"));
        h.CheckFlow();
    }

    [Fact]
    public void Echo_OfAToolsOutput_SaysIt()
    {
        var h = new DialogueHarness();
        h.Send("""{"type":"conversation.item.create","item":{"type":"function_call","name":"f","call_id":"call_1","arguments":"{}"}}""");
        h.Send("""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_1","output":"42"}}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Contains("42", h.Single("response.done").Text("response.output.0.content.0.text"), StringComparison.Ordinal);
        h.CheckFlow();
    }

    [Fact]
    public void OutOfBand_RunsBesideTheDefaultResponseAndStaysOutOfTheConversation()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"long","ms":30000}]},{"reply":[{"wait_ms":100},{"text":"aside"}]}]}"""));
        h.Send("""{"type":"response.create"}""");
        string active = h.Single("response.created").Text("response.id")!;
        int from = h.Events.Count;
        h.Send("""{"type":"response.create","response":{"conversation":"none","metadata":{"topic":"side"},"output_modalities":["text"],"input":[],"instructions":"Classify."}}""");
        var created = h.Of("response.created").Last();
        Assert.Equal(JsonValueKind.Null, created.Find("response.conversation_id").ValueKind);
        Assert.Equal("side", created.Text("response.metadata.topic"));
        string aside = created.Text("response.id")!;
        h.Advance(150);
        var done = h.Single("response.done");
        Assert.Equal(aside, done.Text("response.id"));
        Assert.Equal("side", done.Text("response.metadata.topic"));
        Assert.Equal("aside", done.Text("response.output.0.content.0.text"));
        Assert.DoesNotContain(h.Types.Skip(from), type => type.StartsWith("conversation.", StringComparison.Ordinal));
        Assert.Equal(active, h.RunUntilDone().Text("response.id"));
        h.Refused($$"""{"type":"conversation.item.retrieve","item_id":"{{done.Text("response.output.0.id")}}"}""", "item_retrieve_invalid_item_id");
        h.CheckFlow();
    }

    [Fact]
    public void OutOfBand_WithInput_AnswersThatInput()
    {
        var h = new DialogueHarness();
        string known = h.CreateText("known");
        h.CreateText("newest");
        h.Send($$"""{"type":"response.create","response":{"conversation":"none","input":[{"type":"item_reference","id":"{{known}}"}]} }""");
        h.Send("""{"type":"response.create","response":{"conversation":"none","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"given"}]}]}}""");
        Assert.Equal(["known", "given"], h.Of("response.done").Select(d => d.Text("response.output.0.content.0.text")));
        h.CheckFlow();
    }

    [Fact]
    public void OutOfBand_HasABoundOnItsNumber()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"wait_ms":1000}]}]}"""));
        for (int i = 0; i < 16; i++)
            Assert.Equal("response.created", Assert.Single(h.Send("""{"type":"response.create","response":{"conversation":"none"}}""")).Type);
        h.Refused("""{"type":"response.create","response":{"conversation":"none"}}""", "rate_limit_exceeded");
        h.RunUntilDone();
        Assert.Equal(16, h.Of("response.done").Count());
        h.CheckFlow();
    }

    [Fact]
    public void SecondResponse_IsRefusedWithTheClientsEventId()
    {
        var h = new DialogueHarness(DialogueHarness.Script(Long));
        h.Send("""{"type":"response.create"}""");
        string running = h.Single("response.created").Text("response.id")!;
        var error = h.Refused("""{"type":"response.create","event_id":"agents_js_response_create_2"}""", "conversation_already_has_active_response");
        Assert.Equal("agents_js_response_create_2", error.Text("error.event_id"));
        Assert.Contains(running, error.Text("error.message"), StringComparison.Ordinal);
        h.RunUntilDone();
        h.CheckFlow();
    }

    [Fact]
    public void Cancel_EndsTheActiveResponse()
    {
        var h = new DialogueHarness(DialogueHarness.Script(Long));
        h.Send("""{"type":"response.create"}""");
        h.Advance(500);
        h.Send("""{"type":"response.cancel"}""");
        var done = h.Single("response.done");
        Assert.Equal("cancelled", done.Text("response.status"));
        Assert.Equal("client_cancelled", done.Text("response.status_details.reason"));
        int pieces = h.Pieces.Count;
        h.Advance(10_000);
        Assert.Equal(pieces, h.Pieces.Count);
        h.Refused("""{"type":"response.cancel","event_id":"e"}""", "response_cancel_not_active");
        h.CheckFlow();
    }

    [Fact]
    public void Cancel_ById_EndsThatResponseOnly()
    {
        var h = new DialogueHarness(DialogueHarness.Script(Long));
        h.Send("""{"type":"response.create"}""");
        h.Send("""{"type":"response.create","response":{"conversation":"none"}}""");
        var ids = h.Of("response.created").Select(e => e.Text("response.id")).ToList();
        h.Refused("""{"type":"response.cancel","response_id":"resp_other"}""", "response_cancel_not_active");
        h.Send($$"""{"type":"response.cancel","response_id":"{{ids[1]}}"}""");
        Assert.Equal(ids[1], h.Single("response.done").Text("response.id"));
        h.Send($$"""{"type":"response.cancel","response_id":"{{ids[0]}}"}""");
        Assert.Equal(2, h.Of("response.done").Count());
        h.CheckFlow();
    }

    [Fact]
    public void CancelledResponse_WithoutOutput_IsDoneToo()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"wait_ms":1000},{"text":"never"}]}]}"""));
        h.Send("""{"type":"response.create"}""");
        h.Send("""{"type":"response.cancel"}""");
        Assert.Equal(0, h.Single("response.done").Find("response.output").GetArrayLength());
        h.CheckFlow();
    }

    [Theory]
    [InlineData("\"conversation\":\"mine\"", "invalid_value", "response.conversation")]
    [InlineData("\"made_up\":1", "unknown_parameter", "response.made_up")]
    [InlineData("\"output_modalities\":[\"audio\",\"text\"]", "invalid_value", "response.output_modalities")]
    [InlineData("\"metadata\":{\"a\":1}", "invalid_type", "response.metadata.a")]
    [InlineData("\"metadata\":{\"a\":null}", "invalid_value", "response.metadata.a")]
    [InlineData("\"input\":[{\"type\":\"item_reference\",\"id\":\"nobody\"}]", "invalid_value", "response.input[0].id")]
    [InlineData("\"input\":[{\"type\":\"item_reference\"}]", "missing_required_parameter", "response.input[0].id")]
    [InlineData("\"input\":{}", "invalid_type", "response.input")]
    [InlineData("\"max_output_tokens\":5000", "integer_above_max_value", "response.max_output_tokens")]
    [InlineData("\"tool_choice\":{\"type\":\"function\"}", "missing_required_parameter", "response.tool_choice.name")]
    public void ResponseCreate_ThatIsWrong_IsRefusedWithItsPath(string fields, string code, string param)
    {
        var h = new DialogueHarness();
        h.Refused($$"""{"type":"response.create","response":{{{fields}}} }""", code, param);
        Assert.Empty(h.Of("response.created"));
        h.CheckFlow();
    }

    [Fact]
    public void Metadata_HasItsBounds()
    {
        var h = new DialogueHarness();
        string Pairs(int n) => string.Join(',', Enumerable.Range(0, n).Select(i => $"\"k{i}\":\"v\""));
        h.Refused($$"""{"type":"response.create","response":{"metadata":{{{Pairs(17)}}} } }""", "invalid_value");
        h.Refused($$"""{"type":"response.create","response":{"metadata":{"{{new string('k', 65)}}":"v"} } }""", "invalid_value");
        h.Refused($$"""{"type":"response.create","response":{"metadata":{"k":"{{new string('v', 513)}}"} } }""", "string_above_max_length");
        h.Send($$"""{"type":"response.create","response":{"metadata":{{{Pairs(16)}}} } }""");
        Assert.Equal(16, h.Single("response.done").Find("response.metadata").EnumerateObject().Count());
        h.CheckFlow();
    }

    [Fact]
    public void ResponseOverrides_HoldForThisResponseOnly()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"words","ms":500}]}]}"""));
        h.Send("""{"type":"response.create","response":{"output_modalities":["text"]}}""");
        Assert.Equal("words", h.Single("response.done").Text("response.output.0.content.0.text"));
        h.Send("""{"type":"response.create","response":{"audio":{"output":{"format":{"type":"audio/pcma"},"voice":"marin"}},"max_output_tokens":100}}""");
        var done = h.RunUntilDone();
        Assert.Equal("audio/pcma", done.Text("response.audio.output.format.type"));
        Assert.Equal("marin", done.Text("response.audio.output.voice"));
        Assert.Equal(100, done.Find("response.max_output_tokens").GetInt32());
        Assert.Equal(500 * 8, h.Audio(done.Text("response.output.0.id")!).Length);
        h.Send("""{"type":"response.create"}""");
        done = h.RunUntilDone();
        Assert.Equal("audio/pcm", done.Text("response.audio.output.format.type"));
        Assert.Equal("alloy", done.Text("response.audio.output.voice"));
        h.CheckFlow();
    }

    [Fact]
    public void CustomVoice_IsAStringInResponses()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"words","ms":100}]}]}"""));
        h.Update("\"audio\":{\"output\":{\"voice\":{\"id\":\"voice_1\"}}}");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("voice_1", h.RunUntilDone().Text("response.audio.output.voice"));
        h.CheckFlow();
    }

    [Fact]
    public void Usage_CountsWhatTheReferenceSays()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"one","ms":1000}]},{"reply":[{"text":"12345678"}]}]}"""));
        h.Update("\"instructions\":\"12345678\",\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.SendAudioAtOnce(new byte[2000 * 48]);
        h.Send("""{"type":"input_audio_buffer.commit"}""");
        h.CreateText("1234");
        h.Send("""{"type":"response.create"}""");
        var usage = h.RunUntilDone().Find("response.usage");
        Assert.Equal(23, usage.GetProperty("input_tokens").GetInt32());
        Assert.Equal(3, usage.GetProperty("input_token_details").GetProperty("text_tokens").GetInt32());
        Assert.Equal(20, usage.GetProperty("input_token_details").GetProperty("audio_tokens").GetInt32());
        Assert.Equal(0, usage.GetProperty("input_token_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(20, usage.GetProperty("output_tokens").GetInt32());
        Assert.Equal(20, usage.GetProperty("output_token_details").GetProperty("audio_tokens").GetInt32());
        Assert.Equal(43, usage.GetProperty("total_tokens").GetInt32());

        h.Send("""{"type":"response.create"}""");
        usage = h.RunUntilDone().Find("response.usage");
        Assert.Equal(43, usage.GetProperty("input_tokens").GetInt32());
        Assert.Equal(23, usage.GetProperty("input_token_details").GetProperty("cached_tokens").GetInt32());
        Assert.Equal(2, usage.GetProperty("output_token_details").GetProperty("text_tokens").GetInt32());
        var limits = h.Of("rate_limits.updated").Last();
        Assert.Equal("tokens", limits.Text("rate_limits.0.name"));
        Assert.Equal(1_000_000 - 43 - 45, limits.Find("rate_limits.0.remaining").GetInt32());
        h.CheckFlow();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(19)]
    public void MaxOutputTokens_StopsSpeech(int max)
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"one two three four","ms":1000}]}]}"""));
        h.Update($"\"max_output_tokens\":{max}");
        h.Send("""{"type":"response.create"}""");
        var done = h.RunUntilDone();
        Assert.Equal("incomplete", done.Text("response.status"));
        Assert.Equal("max_output_tokens", done.Text("response.status_details.reason"));
        Assert.Equal("incomplete", done.Text("response.output.0.status"));
        Assert.Equal(max, done.Find("response.usage.output_tokens").GetInt32());
        Assert.Equal(max * 50 * 48, h.Audio(done.Text("response.output.0.id")!).Length);
        h.CheckFlow();
    }

    [Fact]
    public void MaxOutputTokens_ThatAreEnough_StopNothing()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"one","ms":1000}]}]}"""));
        h.Update("\"max_output_tokens\":20");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("completed", h.RunUntilDone().Text("response.status"));
        h.CheckFlow();
    }

    [Fact]
    public void MaxOutputTokens_StopText_BetweenCharacters()
    {
        var h = new DialogueHarness();
        h.Update("\"max_output_tokens\":2");
        h.CreateText("1234567\U0001F600 and more");
        h.Send("""{"type":"response.create"}""");
        var done = h.RunUntilDone();
        Assert.Equal("incomplete", done.Text("response.status"));
        Assert.Equal("1234567", done.Text("response.output.0.content.0.text"));
        h.CheckFlow();
    }

    [Fact]
    public void Conversation_WithNothingInIt_IsAnswered()
    {
        var h = new DialogueHarness();
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("completed", h.Single("response.done").Text("response.status"));
        h.CheckFlow();
    }

    [Fact]
    public void AudioItem_WithoutAnswerInAudio_IsSpokenOf()
    {
        var h = new DialogueHarness(options: new LocalEngineOptions { RetainedAudioSeconds = 0 });
        h.Update("\"audio\":{\"input\":{\"turn_detection\":null}}");
        h.SendAudioAtOnce(new byte[48_000]);
        h.Send("""{"type":"input_audio_buffer.commit"}""");
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("I heard 1.0 seconds of speech.", h.Single("response.done").Text("response.output.0.content.0.text"));
        h.CheckFlow();
    }

    [Fact]
    public void ResponseWithAVoiceThatThereIsNot_IsRefused()
    {
        var h = new DialogueHarness();
        h.Refused("""{"type":"response.create","response":{"audio":{"output":{"voice":"nobody"}}}}""", "invalid_value", "response.audio.output.voice");
        Assert.Empty(h.Of("response.created"));
    }
}
