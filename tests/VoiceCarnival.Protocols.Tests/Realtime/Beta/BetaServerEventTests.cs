using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime.Beta;
using VoiceCarnival.Testing;

namespace VoiceCarnival.Protocols.Tests.Realtime.Beta;

public sealed class BetaServerEventTests
{
    [Theory]
    [InlineData("response.output_text.delta", "response.text.delta")]
    [InlineData("response.output_text.done", "response.text.done")]
    [InlineData("response.output_audio.delta", "response.audio.delta")]
    [InlineData("response.output_audio.done", "response.audio.done")]
    [InlineData("response.output_audio_transcript.delta", "response.audio_transcript.delta")]
    [InlineData("response.output_audio_transcript.done", "response.audio_transcript.done")]
    public void DeltasAndTheirEnds_ChangeTheirNameOnly(string type, string name)
    {
        Assert.Equal(name, Rename($$"""{"type":"{{type}}","delta":"AA+A","item_id":"type"}""", type, """{"type":"X","delta":"AA+A","item_id":"type"}""", name));
        Assert.Equal(name, Rename($$"""{ "delta" : {"type":"inner"}, "type" : "{{type}}" , "x":1}""", type, """{ "delta" : {"type":"inner"}, "type" : "X" , "x":1}""", name));
    }

    [Fact]
    public void AudioDelta_ChangesItsNameWithoutAnAllocation()
    {
        byte[] delta = Encoding.UTF8.GetBytes($$"""{"type":"response.output_audio.delta","item_id":"i","delta":"{{new string('A', 6400)}}"}""");
        var buffer = new byte[delta.Length];
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Assert.True(RenamedEvent.TryCreate(delta, BetaServerEvent.NewNameOf("response.output_audio.delta"), out var renamed));
                renamed.CopyTo(buffer.AsSpan(0, renamed.Length));
            }
        }));
    }

    [Theory]
    [InlineData("conversation.item.done", true)]
    [InlineData("conversation.item.added", false)]
    [InlineData("response.output_item.done", false)]
    public void OnlyItemDone_HasNoPlaceInBeta(string type, bool isUnknown) => Assert.Equal(isUnknown, BetaServerEvent.IsUnknownToBeta(type));

    [Theory]
    [InlineData("response.content_part.added")]
    [InlineData("response.content_part.done")]
    [InlineData("response.function_call_arguments.delta")]
    [InlineData("response.function_call_arguments.done")]
    [InlineData("input_audio_buffer.speech_started")]
    [InlineData("input_audio_buffer.committed")]
    [InlineData("conversation.item.truncated")]
    [InlineData("conversation.item.input_audio_transcription.completed")]
    [InlineData("rate_limits.updated")]
    [InlineData("voicecarnival.pong")]
    public void AllElse_GoesOutAsItIs(string type)
    {
        Assert.True(BetaServerEvent.NewNameOf(type).IsEmpty);
        Assert.Null(BetaServerEvent.Rewrite(type, Encoding.UTF8.GetBytes($$"""{"type":"{{type}}"}""")));
    }

    [Theory]
    [InlineData("session.created")]
    [InlineData("session.updated")]
    public void Session_HasItsBetaShape(string type)
    {
        var beta = Rewrite(type, $$$"""
            {"type":"{{{type}}}","event_id":"e","session":{"type":"realtime","object":"realtime.session","id":"sess_1","model":"m","expires_at":9,"output_modalities":["audio"],
            "instructions":"x","tools":[{"type":"function","name":"f"}],"tool_choice":"auto","max_output_tokens":100,"truncation":"auto","prompt":null,"tracing":"auto","include":null,
            "audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"t"},"noise_reduction":null,"turn_detection":{"type":"server_vad","threshold":0.5}},
            "output":{"format":{"type":"audio/pcm","rate":24000},"voice":"ash","speed":1.0}} }}
            """);
        AssertJson($$$"""
            {"type":"{{{type}}}","event_id":"e","session":{"object":"realtime.session","id":"sess_1","model":"m","expires_at":9,"modalities":["text","audio"],"voice":"ash",
            "output_audio_format":"pcm16","speed":1.0,"input_audio_format":"g711_ulaw","input_audio_transcription":{"model":"t"},"input_audio_noise_reduction":null,
            "turn_detection":{"type":"server_vad","threshold":0.5},"instructions":"x","tools":[{"type":"function","name":"f"}],"tool_choice":"auto","prompt":null,"tracing":"auto",
            "temperature":0.8,"max_response_output_tokens":100,"include":null}}
            """, beta);
    }

    [Theory]
    [InlineData("session.created", "transcription_session.created")]
    [InlineData("session.updated", "transcription_session.updated")]
    public void TranscriptionSession_HasItsOwnEvents(string type, string name) =>
        AssertJson($$$"""
            {"type":"{{{name}}}","session":{"id":"s","object":"realtime.transcription_session","modalities":["audio","text"],"input_audio_format":"pcm16","input_audio_transcription":{"model":"t"},
            "input_audio_noise_reduction":null,"turn_detection":null,"include":[]}}
            """, Rewrite(type, $$$"""
            {"type":"{{{type}}}","session":{"type":"transcription","id":"s","object":"realtime.transcription_session","audio":{"input":{"format":{"type":"audio/pcm","rate":24000},
            "transcription":{"model":"t"},"turn_detection":null}},"include":[]}}
            """));

    [Fact]
    public void ItemAdded_IsItemCreated() =>
        AssertJson(
            """{"type":"conversation.item.created","previous_item_id":null,"item":{"id":"i","type":"message","role":"assistant","content":[{"type":"text","text":"a"},{"type":"audio","transcript":"b"}]}}""",
            Rewrite("conversation.item.added",
                """{"type":"conversation.item.added","previous_item_id":null,"item":{"id":"i","type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},{"type":"output_audio","transcript":"b"}]}}"""));

    [Theory]
    [InlineData("response.output_item.added")]
    [InlineData("response.output_item.done")]
    [InlineData("conversation.item.retrieved")]
    public void Items_HaveBetaContent(string type) =>
        AssertJson($$$"""{"type":"{{{type}}}","item":{"role":"assistant","content":[{"type":"audio","audio":"AA+A"}]}}""",
            Rewrite(type, $$$"""{"type":"{{{type}}}","item":{"role":"assistant","content":[{"type":"output_audio","audio":"AA+A"}]}}"""));

    [Theory]
    [InlineData("response.created")]
    [InlineData("response.done")]
    public void Response_HasItsBetaShape(string type) =>
        AssertJson($$$"""
            {"type":"{{{type}}}","response":{"id":"r","status":"completed","output":[{"role":"assistant","content":[{"type":"text","text":"a"}]}],"max_output_tokens":"inf","usage":null,
            "modalities":["text"],"voice":"v_1","output_audio_format":"g711_alaw","temperature":0.8}}
            """, Rewrite(type, $$$"""
            {"type":"{{{type}}}","response":{"id":"r","status":"completed","output":[{"role":"assistant","content":[{"type":"output_text","text":"a"}]}],"max_output_tokens":"inf","usage":null,
            "output_modalities":["text"],"audio":{"output":{"voice":{"id":"v_1"},"format":{"type":"audio/pcma"} }} }}
            """));

    [Theory]
    [InlineData("session.audio.input.format.type", "session.input_audio_format")]
    [InlineData("session.audio.input.turn_detection.threshold", "session.turn_detection.threshold")]
    [InlineData("session.audio.input.transcription.model", "session.input_audio_transcription.model")]
    [InlineData("session.audio.output.voice", "session.voice")]
    [InlineData("session.output_modalities", "session.modalities")]
    [InlineData("session.max_output_tokens", "session.max_response_output_tokens")]
    [InlineData("response.audio.output.voice", "response.voice")]
    [InlineData("session.tools[0].name", "session.tools[0].name")]
    public void Errors_NameTheFieldThatTheCallerWrote(string path, string beta) =>
        AssertJson($$$"""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"c","message":"Invalid '{{{beta}}}'.","param":"{{{beta}}}","event_id":"mine"}}""",
            Rewrite("error", $$$"""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"c","message":"Invalid '{{{path}}}'.","param":"{{{path}}}","event_id":"mine"}}"""));

    [Theory]
    [InlineData("session.created", "{}")]
    [InlineData("session.created", """{"session":[]}""")]
    [InlineData("session.updated", """{"session":{"audio":7,"output_modalities":"x"}}""")]
    [InlineData("session.updated", """{"session":{"audio":{"input":[],"output":{"voice":{}}},"type":5}}""")]
    [InlineData("response.done", """{"response":{"output":{},"audio":"x"}}""")]
    [InlineData("response.done", """{"response":{"output":[1,null,{"role":"assistant","content":"x"}]}}""")]
    [InlineData("conversation.item.added", """{"item":null}""")]
    [InlineData("error", """{"error":"x"}""")]
    [InlineData("error", """{"error":{"message":null,"param":7}}""")]
    public void StrangeServers_AreTranslatedAsFarAsTheyCan(string type, string json) => Assert.NotNull(Rewrite(type, json));

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"type":"session.created" """)]
    public void WhatCannotBeRead_GoesOutAsItIs(string json)
    {
        Assert.Null(BetaServerEvent.Rewrite("session.created", Encoding.UTF8.GetBytes(json)));
        Assert.False(RenamedEvent.TryCreate(Encoding.UTF8.GetBytes("""{"delta":"AA"""), "x"u8, out _));
    }

    [Theory]
    [InlineData("""{"modalities":["text","audio"],"voice":"ash","speed":1.1,"input_audio_format":"g711_ulaw","output_audio_format":"g711_alaw","instructions":"x","tools":[],"tool_choice":"auto","max_response_output_tokens":7,"temperature":0.8,"input_audio_transcription":{"model":"m"},"input_audio_noise_reduction":null,"turn_detection":null}""")]
    [InlineData("""{"modalities":["text"],"voice":"sage","speed":1.0,"input_audio_format":"pcm16","output_audio_format":"pcm16","instructions":"","tools":[],"tool_choice":"none","max_response_output_tokens":"inf","temperature":0.8,"input_audio_transcription":null,"input_audio_noise_reduction":{"type":"far_field"},"turn_detection":{"type":"semantic_vad"}}""")]
    public void Session_ThereAndBack_IsTheSame(string beta)
    {
        var ga = JsonNode.Parse(beta)!.AsObject();
        Assert.Null(BetaSession.ToGa(ga, "realtime", "session"));
        AssertJson(beta, BetaSession.ToBeta(ga).ToJsonString());
    }

    private static string Rename(string json, string type, string expectedPattern, string name)
    {
        var newName = BetaServerEvent.NewNameOf(type);
        Assert.True(RenamedEvent.TryCreate(Encoding.UTF8.GetBytes(json), newName, out var renamed));
        var bytes = new byte[renamed.Length];
        renamed.CopyTo(bytes);
        Assert.Equal(expectedPattern.Replace("\"X\"", $"\"{name}\"", StringComparison.Ordinal), Encoding.UTF8.GetString(bytes));
        return JsonDocument.Parse(bytes).RootElement.GetProperty("type").GetString()!;
    }

    private static string Rewrite(string type, string json)
    {
        byte[]? rewritten = BetaServerEvent.Rewrite(type, Encoding.UTF8.GetBytes(json));
        Assert.NotNull(rewritten);
        return Encoding.UTF8.GetString(rewritten);
    }

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"expected {expected}\nactual   {actual}");
}
