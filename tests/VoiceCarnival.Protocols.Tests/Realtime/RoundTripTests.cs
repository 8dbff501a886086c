using System.Buffers;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Protocols.Tests.Realtime;

public sealed class RoundTripTests
{
    private static readonly RealtimeSession Defaults = new() { Id = "sess_1", Model = "m", ExpiresAt = 1 };

    private static JsonElement Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        write(writer);
        writer.Flush();
        return JsonElement.Parse(buffer.WrittenSpan.ToArray());
    }

    private static RealtimeSession Merge(RealtimeSession session, JsonElement update)
    {
        var problem = new EventProblem();
        var merged = RealtimeSessionReader.Merge(session, update, modelIsFixed: true, typeIsRequired: true, problem);
        Assert.Null(problem.Error);
        return merged;
    }

    [Theory]
    [InlineData("""{"type":"realtime"}""")]
    [InlineData("""{"type":"realtime","instructions":"x","output_modalities":["text"],"max_output_tokens":5,"tool_choice":"none","parallel_tool_calls":true,"reasoning":{"effort":"high"}}""")]
    [InlineData("""{"type":"realtime","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"tool_choice":{"type":"function","name":"f"},"truncation":{"type":"retention_ratio","retention_ratio":0.5},"tracing":{"workflow_name":"w"}}""")]
    [InlineData("""{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"whisper-1","language":"en"},"noise_reduction":{"type":"near_field"},"turn_detection":{"type":"semantic_vad","eagerness":"low"}},"output":{"format":{"type":"audio/pcma"},"voice":"cedar","speed":0.5}}}""")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.9,"prefix_padding_ms":1,"silence_duration_ms":2,"idle_timeout_ms":5000,"create_response":false,"interrupt_response":false}}}}""")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":null}},"include":["item.input_audio_transcription.logprobs"]}""")]
    public void Session_ThatIsWritten_ReadsBackAsItself(string update)
    {
        var session = Merge(Defaults, JsonElement.Parse(update));
        var written = Write(writer => RealtimeSessionWriter.Write(writer, session));
        Assert.Empty(RealtimeSchema.ValidateServerEvent(JsonSerializer.SerializeToElement(new { type = "session.updated", event_id = "event_1", session = written })));
        var again = Write(writer => RealtimeSessionWriter.Write(writer, Merge(Defaults, written)));
        Assert.Equal(written.GetRawText(), again.GetRawText());
    }

    [Fact]
    public void TranscriptionSession_ReadsBackAsItself()
    {
        var session = Defaults with { Type = "transcription" };
        session = Merge(session, JsonElement.Parse("""{"type":"transcription","audio":{"input":{"transcription":{"model":"gpt-transcribe","languages":["en"]},"turn_detection":null}}}"""));
        var written = Write(writer => RealtimeSessionWriter.Write(writer, session));
        var again = Write(writer => RealtimeSessionWriter.Write(writer, Merge(Defaults with { Type = "transcription" }, written)));
        Assert.Equal(written.GetRawText(), again.GetRawText());
        Assert.False(written.TryGetProperty("model", out _));
    }

    [Fact]
    public void TranscriptionSession_SaysNothingOfResponses()
    {
        var input = Write(writer => RealtimeSessionWriter.Write(writer, Defaults with { Type = "transcription" })).GetProperty("audio").GetProperty("input");
        Assert.Equal(["type", "threshold", "prefix_padding_ms", "silence_duration_ms"], input.GetProperty("turn_detection").EnumerateObject().Select(field => field.Name));
    }

    [Theory]
    [InlineData("""{"id":"i","object":"realtime.item","type":"message","status":"completed","role":"user","content":[{"type":"input_text","text":"x"}]}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","text":"x"},{"type":"output_audio","transcript":"y"}]}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"message","status":"completed","role":"user","content":[{"type":"input_audio","transcript":"t","audio":"AAAAAA=="},{"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"high"}]}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"message","status":"completed","role":"user","content":[{"type":"input_audio","transcript":null,"audio":"AAAAAA=="}]}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"function_call_output","status":"completed","call_id":"c","output":"o"}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"mcp_approval_response","approval_request_id":"r","approve":true,"reason":"ok"}""")]
    [InlineData("""{"id":"i","object":"realtime.item","type":"mcp_call","server_label":"s","name":"n","arguments":"{}"}""")]
    public void Item_ThatIsRead_IsWrittenAsItWas(string json)
    {
        var problem = new EventProblem();
        var item = ConversationItemReader.Read(new EventFields(JsonElement.Parse(json), "item", problem), "audio/pcm");
        Assert.Null(problem.Error);
        Assert.Equal(json, Write(writer => ConversationItemWriter.Write(writer, item!, withAudio: true)).GetRawText());
    }

    [Fact]
    public void Item_WithoutId_GetsOne()
    {
        var item = ConversationItemReader.Read(new EventFields(JsonElement.Parse("""{"id":"","type":"message","role":"user","content":[]}"""), "item", new EventProblem()), "audio/pcm");
        Assert.StartsWith("item_", item!.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audio/pcm", 100)]
    [InlineData("audio/pcmu", 600)]
    public void AudioPart_KnowsItsLength(string format, int milliseconds)
    {
        string json = $$"""{"type":"message","role":"user","content":[{"type":"input_audio","audio":"{{Convert.ToBase64String(new byte[4800])}}"}]}""";
        var item = ConversationItemReader.Read(new EventFields(JsonElement.Parse(json), "item", new EventProblem()), format);
        Assert.Equal(milliseconds, item!.Content[0].AudioMilliseconds);
        Assert.Equal(4800, item.AudioBytes);
    }

    [Fact]
    public void ResponseOptions_AreTheSessionsWithTheOverrides()
    {
        var session = Merge(Defaults, JsonElement.Parse("""{"type":"realtime","instructions":"s","max_output_tokens":9,"audio":{"output":{"voice":"ash"}}}"""));
        var problem = new EventProblem();
        var known = new ConversationItem { Id = "k", Type = "message", Role = "user" };
        var options = ResponseOptions.Read(
            session, new EventFields(JsonElement.Parse("""{"conversation":"none","instructions":"r","output_modalities":["text"],"input":[{"type":"item_reference","id":"k"}],"metadata":{"a":"b"},"tools":[{"type":"function","name":"f"}],"tool_choice":"required"}"""), "response", problem),
            id => id == "k" ? known : null);
        Assert.Null(problem.Error);
        Assert.False(options.InConversation);
        Assert.Equal("r", options.Instructions);
        Assert.Equal("text", options.OutputModality);
        Assert.Equal(9, options.MaxOutputTokens);
        Assert.Equal("ash", options.Output.Voice);
        Assert.Same(known, Assert.Single(options.Input!));
        Assert.Equal("b", options.Metadata.GetProperty("a").GetString());
        Assert.Single(options.Tools);
        Assert.Equal("required", options.ToolChoice.GetString());
    }

    [Fact]
    public void Ids_HaveOpenAIsFormAndDiffer()
    {
        var ids = Enumerable.Range(0, 10_000).Select(_ => RealtimeIds.New("item")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(10_000, ids.Count);
        Assert.All(ids.Take(100), id => Assert.Matches("^item_[A-Za-z0-9]{21}$", id));
    }
}
