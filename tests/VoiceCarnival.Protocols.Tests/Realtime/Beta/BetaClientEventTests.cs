using System.Text;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Realtime.Beta;

namespace VoiceCarnival.Protocols.Tests.Realtime.Beta;

public sealed class BetaClientEventTests
{
    [Theory]
    [InlineData("{}", """{"type":"realtime"}""")]
    [InlineData("""{"modalities":["text","audio"]}""", """{"type":"realtime","output_modalities":["audio"]}""")]
    [InlineData("""{"modalities":["audio","text"]}""", """{"type":"realtime","output_modalities":["audio"]}""")]
    [InlineData("""{"modalities":["audio"]}""", """{"type":"realtime","output_modalities":["audio"]}""")]
    [InlineData("""{"modalities":["text"]}""", """{"type":"realtime","output_modalities":["text"]}""")]
    [InlineData("""{"modalities":["smell"]}""", """{"type":"realtime","output_modalities":["smell"]}""")]
    [InlineData("""{"modalities":[]}""", """{"type":"realtime","output_modalities":[]}""")]
    [InlineData("""{"voice":"ash"}""", """{"type":"realtime","audio":{"output":{"voice":"ash"}}}""")]
    [InlineData("""{"speed":1.2}""", """{"type":"realtime","audio":{"output":{"speed":1.2}}}""")]
    [InlineData("""{"input_audio_format":"pcm16"}""", """{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":24000}}}}""")]
    [InlineData("""{"input_audio_format":"g711_ulaw"}""", """{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"}}}}""")]
    [InlineData("""{"input_audio_format":null}""", """{"type":"realtime","audio":{"input":{}}}""")]
    [InlineData("""{"output_audio_format":"g711_alaw"}""", """{"type":"realtime","audio":{"output":{"format":{"type":"audio/pcma"}}}}""")]
    [InlineData("""{"input_audio_transcription":{"model":"whisper-1"}}""", """{"type":"realtime","audio":{"input":{"transcription":{"model":"whisper-1"}}}}""")]
    [InlineData("""{"input_audio_transcription":null}""", """{"type":"realtime","audio":{"input":{"transcription":null}}}""")]
    [InlineData("""{"input_audio_noise_reduction":{"type":"near_field"}}""", """{"type":"realtime","audio":{"input":{"noise_reduction":{"type":"near_field"}}}}""")]
    [InlineData("""{"turn_detection":{"type":"server_vad"}}""", """{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad"}}}}""")]
    [InlineData("""{"turn_detection":null}""", """{"type":"realtime","audio":{"input":{"turn_detection":null}}}""")]
    [InlineData("""{"max_response_output_tokens":"inf"}""", """{"type":"realtime","max_output_tokens":"inf"}""")]
    [InlineData("""{"temperature":0.6}""", """{"type":"realtime"}""")]
    [InlineData("""{"client_secret":{"expires_after":{"anchor":"created_at"}}}""", """{"type":"realtime"}""")]
    [InlineData("""{"instructions":"Be brief: 1+1<3.","tools":[{"type":"function","name":"f"}],"tool_choice":"auto","tracing":"auto","prompt":{"id":"p"},"include":[]}""",
        """{"type":"realtime","instructions":"Be brief: 1+1<3.","tools":[{"type":"function","name":"f"}],"tool_choice":"auto","tracing":"auto","prompt":{"id":"p"},"include":[]}""")]
    [InlineData("""{"type":"realtime","audio":{"output":{"speed":1}},"voice":"ash"}""", """{"type":"realtime","audio":{"output":{"speed":1,"voice":"ash"}}}""")]
    [InlineData("""{"audio":"wrong","voice":"ash","turn_detection":null}""", """{"type":"realtime","audio":"wrong","voice":"ash","turn_detection":null}""")]
    [InlineData("""{"model":"gpt-4o-realtime-preview-2024-10-01"}""", """{"type":"realtime"}""")]
    [InlineData("""{"never_heard_of":1}""", """{"type":"realtime","never_heard_of":1}""")]
    public void SessionUpdate_BecomesGa(string session, string expected) =>
        AssertJson($$"""{"type":"session.update","event_id":"e","session":{{expected}}}""",
            Translate($$"""{"type":"session.update","event_id":"e","session":{{session}}}"""));

    [Theory]
    [InlineData("input_audio_format", "\"mp3\"", "invalid_value")]
    [InlineData("output_audio_format", "\"audio/pcm\"", "invalid_value")]
    [InlineData("output_audio_format", "16", "invalid_type")]
    public void UnknownFormat_IsRefusedInBetasWords(string field, string value, string code)
    {
        var translated = BetaClientEvent.Translate(Encoding.UTF8.GetBytes($$$"""{"type":"session.update","event_id":"mine","session":{"{{{field}}}":{{{value}}}}}"""));
        Assert.Equal(code, translated.Error?.Code);
        Assert.Equal("session." + field, translated.Error?.Param);
        Assert.Contains("'pcm16', 'g711_ulaw', and 'g711_alaw'", translated.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("mine", translated.EventId);
    }

    [Theory]
    [InlineData("""{"modalities":["audio","text"],"voice":"ash","output_audio_format":"g711_ulaw","temperature":0.8,"max_output_tokens":5}""",
        """{"output_modalities":["audio"],"audio":{"output":{"voice":"ash","format":{"type":"audio/pcmu"}}},"max_output_tokens":5}""")]
    [InlineData("""{"max_response_output_tokens":9,"conversation":"none","metadata":{"a":"b"},"instructions":"x","tools":[],"tool_choice":"none"}""",
        """{"max_output_tokens":9,"conversation":"none","metadata":{"a":"b"},"instructions":"x","tools":[],"tool_choice":"none"}""")]
    [InlineData("""{"input":[{"type":"message","role":"assistant","content":[{"type":"text","text":"a"}]},{"type":"item_reference","id":"i"}]}""",
        """{"input":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]},{"type":"item_reference","id":"i"}]}""")]
    public void ResponseCreate_BecomesGa(string response, string expected) =>
        AssertJson($$"""{"type":"response.create","response":{{expected}}}""", Translate($$"""{"type":"response.create","response":{{response}}}"""));

    [Fact]
    public void AssistantContent_ChangesItsTypes() =>
        AssertJson(
            """{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},{"type":"output_audio","transcript":"b"}]}}""",
            Translate("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"text","text":"a"},{"type":"audio","transcript":"b"}]}}"""));

    [Theory]
    [InlineData("""{"type":"transcription_session.update","event_id":"e","session":{"input_audio_format":"pcm16","input_audio_transcription":{"model":"m"},"modalities":["text"],"include":[]}}""")]
    [InlineData("""{"type":"transcription_session.update","event_id":"e","input_audio_format":"pcm16","input_audio_transcription":{"model":"m"},"include":[]}""")]
    public void TranscriptionSessionUpdate_BecomesASessionUpdate(string json) =>
        AssertJson(
            """{"type":"session.update","event_id":"e","session":{"type":"transcription","audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":{"model":"m"}}},"include":[]}}""",
            Translate(json));

    [Theory]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA+/8="}""")]
    [InlineData("""{"type":"input_audio_buffer.commit"}""")]
    [InlineData("""{"type":"input_audio_buffer.clear"}""")]
    [InlineData("""{"type":"output_audio_buffer.clear"}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_audio","audio":"AA+A"}]}}""")]
    [InlineData("""{"type":"conversation.item.retrieve","item_id":"a"}""")]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":1}""")]
    [InlineData("""{"type":"conversation.item.delete","item_id":"a"}""")]
    [InlineData("""{"type":"response.cancel"}""")]
    [InlineData("""{"type":"no.such.event"}""")]
    [InlineData("""["no event"]""")]
    [InlineData("no json")]
    [InlineData("")]
    public void AllElse_GoesOnAsTheSameBytes(string json)
    {
        ReadOnlyMemory<byte> bytes = Encoding.UTF8.GetBytes(json);
        Assert.True(BetaClientEvent.Translate(bytes).Utf8Json.Equals(bytes));
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"voice":"a","voice":"b"}}""")]
    [InlineData("""{"type":"session.update","session":{"instructions":"\ud800"}}""")]
    [InlineData("""{"type":"session.update","session":""")]
    [InlineData("""{"type":"response.create","type":"session.update"}""")]
    public void WhatCanBeReadInTwoWays_IsRefused(string json) =>
        Assert.Equal(RealtimeErrorCodes.InvalidEvent, BetaClientEvent.Translate(Encoding.UTF8.GetBytes(json)).Error?.Code);

    [Theory]
    [InlineData("""{"type":"session.update","session":7}""")]
    [InlineData("""{"type":"response.create","response":null}""")]
    [InlineData("""{"type":"response.create","response":{"input":{"role":"assistant"}}}""")]
    [InlineData("""{"type":"conversation.item.create","item":["assistant"]}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"role":"assistant","content":[1,{"type":null},{"type":7},null]}}""")]
    [InlineData("""{"type":"transcription_session.update","session":[]}""")]
    public void WrongKindsOfValues_AreLeftToTheEngine(string json)
    {
        var translated = BetaClientEvent.Translate(Encoding.UTF8.GetBytes(json));
        Assert.Null(translated.Error);
        AssertJson(json.Replace("transcription_session.update", "session.update", StringComparison.Ordinal), Encoding.UTF8.GetString(translated.Utf8Json.Span));
    }

    [Fact]
    public void EveryTruncatedLength_IsHandled()
    {
        byte[] whole = """{"type":"session.update","event_id":"\u00e9","session":{"modalities":["text","audio"],"voice":"ash","input_audio_format":"pcm16"}}"""u8.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            var translated = BetaClientEvent.Translate(whole.AsMemory(0, length));
            Assert.True(translated.Error is not null || translated.Utf8Json.Length == length);
        }
    }

    private static string Translate(string json)
    {
        var translated = BetaClientEvent.Translate(Encoding.UTF8.GetBytes(json));
        Assert.Null(translated.Error);
        return Encoding.UTF8.GetString(translated.Utf8Json.Span);
    }

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"expected {expected}\nactual   {actual}");
}
