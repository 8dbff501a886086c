using System.Text.Json;
using VoiceCarnival.Engines.Tests.Local.Support;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class SessionTests
{
    [Fact]
    public void Start_SendsSessionCreatedFirstAndAlone()
    {
        var h = new DialogueHarness();
        var created = Assert.Single(h.Events);
        Assert.Equal("session.created", created.Type);
        Assert.Equal("realtime.session", created.Text("session.object"));
        Assert.Equal("test-model", created.Text("session.model"));
        Assert.Equal("audio", created.Text("session.output_modalities.0"));
        Assert.Equal("audio/pcm", created.Text("session.audio.input.format.type"));
        Assert.Equal(24_000, created.Find("session.audio.input.format.rate").GetInt32());
        Assert.Equal("server_vad", created.Text("session.audio.input.turn_detection.type"));
        Assert.Equal(0.5, created.Find("session.audio.input.turn_detection.threshold").GetDouble());
        Assert.Equal(300, created.Find("session.audio.input.turn_detection.prefix_padding_ms").GetInt32());
        Assert.Equal(200, created.Find("session.audio.input.turn_detection.silence_duration_ms").GetInt32());
        Assert.True(created.Find("session.audio.input.turn_detection.create_response").GetBoolean());
        Assert.True(created.Find("session.audio.input.turn_detection.interrupt_response").GetBoolean());
        Assert.Equal("alloy", created.Text("session.audio.output.voice"));
        Assert.Equal("inf", created.Text("session.max_output_tokens"));
        Assert.Equal("auto", created.Text("session.tool_choice"));
        Assert.NotEqual("", created.Text("session.instructions"));
        h.CheckFlow();
    }

    public static TheoryData<string, string, string> Fields => new()
    {
        { "\"instructions\":\"Be brief.\"", "instructions", "\"Be brief.\"" },
        { "\"instructions\":\"\"", "instructions", "\"\"" },
        { "\"instructions\":null", "instructions", "\"\"" },
        { "\"output_modalities\":[\"text\"]", "output_modalities", "[\"text\"]" },
        { "\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcmu\"}}}", "audio.input.format", "{\"type\":\"audio/pcmu\"}" },
        { "\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcma\"}}}", "audio.input.format", "{\"type\":\"audio/pcma\"}" },
        { "\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":24000}}}", "audio.input.format", "{\"type\":\"audio/pcm\",\"rate\":24000}" },
        { "\"audio\":{\"output\":{\"format\":{\"type\":\"audio/pcmu\"}}}", "audio.output.format", "{\"type\":\"audio/pcmu\"}" },
        { "\"audio\":{\"output\":{\"voice\":\"marin\"}}", "audio.output.voice", "\"marin\"" },
        { "\"audio\":{\"output\":{\"voice\":{\"id\":\"voice_1\"}}}", "audio.output.voice", "\"voice_1\"" },
        { "\"audio\":{\"output\":{\"speed\":1.25}}", "audio.output.speed", "1.25" },
        { "\"audio\":{\"input\":{\"transcription\":{\"model\":\"gpt-4o-mini-transcribe\",\"language\":\"de\"}}}", "audio.input.transcription", "{\"model\":\"gpt-4o-mini-transcribe\",\"language\":\"de\"}" },
        { "\"audio\":{\"input\":{\"noise_reduction\":{\"type\":\"far_field\"}}}", "audio.input.noise_reduction", "{\"type\":\"far_field\"}" },
        { "\"audio\":{\"input\":{\"turn_detection\":null}}", "audio.input.turn_detection", "null" },
        { "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"threshold\":0.7}}}", "audio.input.turn_detection.threshold", "0.7" },
        { "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"silence_duration_ms\":800.0}}}", "audio.input.turn_detection.silence_duration_ms", "800" },
        { "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":6000}}}", "audio.input.turn_detection.idle_timeout_ms", "6000" },
        { "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"create_response\":false}}}", "audio.input.turn_detection.create_response", "false" },
        { "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"semantic_vad\",\"eagerness\":\"high\",\"interrupt_response\":false}}}", "audio.input.turn_detection", "{\"type\":\"semantic_vad\",\"eagerness\":\"high\",\"create_response\":true,\"interrupt_response\":false}" },
        { "\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}]", "tools", "[{\"type\":\"function\",\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}]" },
        { "\"tools\":[]", "tools", "[]" },
        { "\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"description\":null}]", "tools", "[{\"type\":\"function\",\"name\":\"f\"}]" },
        { "\"tools\":[{\"type\":\"mcp\",\"server_label\":\"s\",\"server_url\":\"https://example.com\"}]", "tools", "[{\"type\":\"mcp\",\"server_label\":\"s\",\"server_url\":\"https://example.com\"}]" },
        { "\"audio\":{\"input\":{\"transcription\":{\"model\":null,\"language\":\"de\"}}}", "audio.input.transcription", "{\"language\":\"de\"}" },
        { "\"tool_choice\":\"required\"", "tool_choice", "\"required\"" },
        { "\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}", "tool_choice", "{\"type\":\"function\",\"name\":\"f\"}" },
        { "\"max_output_tokens\":4096", "max_output_tokens", "4096" },
        { "\"max_output_tokens\":\"inf\"", "max_output_tokens", "\"inf\"" },
        { "\"reasoning\":{\"effort\":\"low\"}", "reasoning", "{\"effort\":\"low\"}" },
        { "\"truncation\":\"disabled\"", "truncation", "\"disabled\"" },
        { "\"truncation\":{\"type\":\"retention_ratio\",\"retention_ratio\":0.8}", "truncation", "{\"type\":\"retention_ratio\",\"retention_ratio\":0.8}" },
        { "\"prompt\":{\"id\":\"pmpt_1\"}", "prompt", "{\"id\":\"pmpt_1\"}" },
        { "\"tracing\":\"auto\"", "tracing", "\"auto\"" },
        { "\"parallel_tool_calls\":false", "parallel_tool_calls", "false" },
        { "\"include\":[\"item.input_audio_transcription.logprobs\"]", "include", "[\"item.input_audio_transcription.logprobs\"]" },
        { "\"model\":\"test-model\"", "model", "\"test-model\"" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Update_OfOneField_ChangesThatFieldOnly(string update, string path, string expected)
    {
        var h = new DialogueHarness();
        var before = h.Last.Find("session");
        var after = h.Update(update);
        Assert.Equal(expected, after.Find("session." + path).GetRawText());

        string top = path.Split('.')[0];
        foreach (var property in before.EnumerateObject().Where(p => p.Name != top))
            Assert.Equal(property.Value.GetRawText(), after.Find("session." + property.Name).GetRawText());
        if (path.StartsWith("audio.input", StringComparison.Ordinal))
            Assert.Equal(before.GetProperty("audio").GetProperty("output").GetRawText(), after.Find("session.audio.output").GetRawText());
        if (path.StartsWith("audio.output", StringComparison.Ordinal))
            Assert.Equal(before.GetProperty("audio").GetProperty("input").GetRawText(), after.Find("session.audio.input").GetRawText());
        h.CheckFlow();
    }

    [Theory]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]", "\"tools\":null", "tools", "[]")]
    [InlineData("\"tool_choice\":\"none\"", "\"tool_choice\":null", "tool_choice", "\"auto\"")]
    [InlineData("\"max_output_tokens\":10", "\"max_output_tokens\":null", "max_output_tokens", "\"inf\"")]
    [InlineData("\"truncation\":\"disabled\"", "\"truncation\":null", "truncation", "\"auto\"")]
    [InlineData("\"prompt\":{\"id\":\"p\"}", "\"prompt\":null", "prompt", null)]
    [InlineData("\"reasoning\":{\"effort\":\"low\"}", "\"reasoning\":null", "reasoning", null)]
    [InlineData("\"include\":[\"item.input_audio_transcription.logprobs\"]", "\"include\":[]", "include", null)]
    [InlineData("\"audio\":{\"input\":{\"transcription\":{\"model\":\"whisper-1\"}}}", "\"audio\":{\"input\":{\"transcription\":null}}", "audio.input.transcription", null)]
    [InlineData("\"audio\":{\"input\":{\"noise_reduction\":{\"type\":\"near_field\"}}}", "\"audio\":{\"input\":{\"noise_reduction\":null}}", "audio.input.noise_reduction", null)]
    [InlineData("\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":6000}}}", "\"audio\":{\"input\":{\"turn_detection\":{\"type\":\"server_vad\",\"idle_timeout_ms\":null}}}", "audio.input.turn_detection.idle_timeout_ms", "null")]
    public void Update_WithNullOrEmpty_Clears(string set, string clear, string path, string? expected)
    {
        var h = new DialogueHarness();
        h.Update(set);
        var cleared = h.Update(clear).Find("session." + path);
        if (expected is null)
            Assert.True(cleared.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null);
        else
            Assert.Equal(expected, cleared.GetRawText());
        h.CheckFlow();
    }

    [Theory]
    [InlineData("""{"type":"session.update"}""", "missing_required_parameter", "session")]
    [InlineData("""{"type":"session.update","session":{}}""", "missing_required_parameter", "session.type")]
    [InlineData("""{"type":"session.update","session":{"type":"transcription"}}""", "invalid_value", "session.type")]
    [InlineData("""{"type":"session.update","session":{"type":"chat"}}""", "invalid_value", "session.type")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","model":"other"}}""", "invalid_value", "session.model")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","temperature":0.8}}""", "unknown_parameter", "session.temperature")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","modalities":["text"]}}""", "unknown_parameter", "session.modalities")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","output_modalities":["audio","text"]}}""", "invalid_value", "session.output_modalities")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","output_modalities":[]}}""", "invalid_value", "session.output_modalities")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/opus"}}}}}""", "invalid_value", "session.audio.input.format.type")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcm","rate":16000}}}}}""", "invalid_value", "session.audio.input.format.rate")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":"pcm16"}}}}""", "invalid_type", "session.audio.input.format")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":2}}}}""", "decimal_above_max_value", "session.audio.output.speed")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":1e999}}}}""", "decimal_above_max_value", "session.audio.output.speed")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":""}}}}""", "invalid_value", "session.audio.output.voice")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"nobody"}}}}""", "invalid_value", "session.audio.output.voice")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"f"},{"type":"function","name":"f"}]}}""", "invalid_value", "session.tools[1].name")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":100}}}}}""", "integer_below_min_value", "session.audio.input.turn_detection.idle_timeout_ms")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","threshold":0.5}}}}}""", "unknown_parameter", "session.audio.input.turn_detection.threshold")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":1.5}}}}}""", "invalid_type", "session.audio.input.turn_detection.silence_duration_ms")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","max_output_tokens":0}}""", "integer_below_min_value", "session.max_output_tokens")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","max_output_tokens":"all"}}""", "invalid_value", "session.max_output_tokens")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tool_choice":"maybe"}}""", "invalid_value", "session.tool_choice")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","name":"bad name!"}]}}""", "invalid_value", "session.tools[0].name")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"mcp","server_label":"s"}]}}""", "missing_required_parameter", "session.tools[0].server_url")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"mcp","server_label":"s","server_url":"https://a.example"},{"type":"mcp","server_label":"s","server_url":"https://b.example"}]}}""", "invalid_value", "session.tools[1].server_label")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"name":"f"}]}}""", "missing_required_parameter", "session.tools[0].type")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function"}]}}""", "missing_required_parameter", "session.tools[0].name")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","tools":[{"type":"function","function":{"name":"f"}}]}}""", "unknown_parameter", "session.tools[0].function")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"languages":[1]}}}}}""", "invalid_type", "session.audio.input.transcription.languages[0]")]
    [InlineData("""{"type":"session.update","session":"realtime"}""", "invalid_type", "session")]
    public void Update_ThatIsWrong_IsRefusedWithItsPathAndChangesNothing(string json, string code, string param)
    {
        var h = new DialogueHarness();
        string before = h.Last.Find("session").GetRawText();
        var error = h.Refused(json.Replace("\"session.update\"", "\"session.update\",\"event_id\":\"mine\"", StringComparison.Ordinal), code, param);
        Assert.Equal("mine", error.Text("error.event_id"));
        Assert.Equal(before, h.Update("\"audio\":{}").Find("session").GetRawText());
        h.CheckFlow();
    }

    [Fact]
    public void Update_OfModelThatTheCallerDidNotName_IsTakenOnce()
    {
        var h = new DialogueHarness(modelIsFixed: false);
        Assert.Equal("mine", h.Update("\"model\":\"mine\"").Text("session.model"));
        h.Refused("""{"type":"session.update","session":{"type":"realtime","model":"another"}}""", "invalid_value", "session.model");
        h.CheckFlow();
    }

    [Fact]
    public void Update_OfVoice_IsLockedOnceTheAgentHasSpoken()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"text":"a"}]},{"reply":[{"say":"b","ms":100}]}]}"""));
        h.Send("""{"type":"response.create"}""");
        Assert.Equal("ash", h.Update("\"audio\":{\"output\":{\"voice\":\"ash\"}}").Text("session.audio.output.voice"));
        h.Send("""{"type":"response.create"}""");
        h.RunUntilDone();
        h.Refused("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"coral"}}}}""", "cannot_update_voice");
        h.Update("\"audio\":{\"output\":{\"voice\":\"ash\",\"speed\":0.9}}");
        h.CheckFlow();
    }

    [Fact]
    public void TwoUpdates_AsTheAgentsSdkSendsThem_AreBothAnswered()
    {
        var h = new DialogueHarness();
        var first = h.Update("""
            "model":"test-model","instructions":"Hi","output_modalities":["audio"],
            "audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"noise_reduction":null,"transcription":{"model":"gpt-4o-mini-transcribe"},"turn_detection":{"type":"semantic_vad"}},
            "output":{"format":{"type":"audio/pcm","rate":24000},"speed":1}}
            """);
        Assert.Equal("medium", first.Text("session.audio.input.turn_detection.eagerness") is "auto" or "medium" ? "medium" : "other");
        Assert.Equal("auto", h.Update("\"tracing\":\"auto\"").Text("session.tracing"));
        h.CheckFlow();
    }

    [Theory]
    [InlineData("{", "invalid_event")]
    [InlineData("", "invalid_event")]
    [InlineData("null", "invalid_event")]
    [InlineData("[{}]", "invalid_event")]
    [InlineData("{}", "invalid_event")]
    [InlineData("{\"type\":5}", "invalid_event")]
    [InlineData("{\"type\":\"response.create\"} x", "invalid_event")]
    [InlineData("{\"type\":\"response.made_up\"}", "invalid_value")]
    [InlineData("{\"type\":\"\\ud800\"}", "invalid_event")]
    [InlineData("{\"\\ud800\":1,\"type\":\"response.create\"}", "invalid_event")]
    [InlineData("{\"type\":\"response.create\",\"event\\ud800\":1}", "invalid_event")]
    [InlineData("{\"type\":\"input_audio_buffer.append\",\"event\\ud800\":1}", "invalid_event")]
    [InlineData("{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"a\":\"\\udc00\"}}]}}", "invalid_event")]
    [InlineData("{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"output_modalities\":[\"\\ud800\"]}}", "invalid_event")]
    public void Message_ThatIsNoEvent_IsAnsweredWithAnErrorAndTheSessionGoesOn(string message, string code)
    {
        var h = new DialogueHarness();
        h.Refused(message, code);
        h.CreateText("still here");
        h.CheckFlow();
    }

    [Fact]
    public void Message_OfInvalidUtf8_IsAnsweredWithAnError()
    {
        var h = new DialogueHarness();
        byte[] message = "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"?\"}]}}"u8.ToArray();
        message[Array.IndexOf(message, (byte)'?')] = 0xFF;
        Assert.Equal("invalid_event", Assert.Single(h.Send(message)).Text("error.code"));
        h.CheckFlow();
    }

    [Fact]
    public void EventWithoutType_StillHasItsEventIdEchoed()
    {
        var h = new DialogueHarness();
        Assert.Equal("mine", h.Refused("""{"event_id":"mine"}""", "invalid_event").Text("error.event_id"));
        Assert.Equal("mine", h.Refused("""{"type":"input_audio_buffer.append","event_id":"mine","audio":"?"}""", "invalid_value").Text("error.event_id"));
        Assert.Equal("mine", h.Refused("""{"type":"output_audio_buffer.clear","event_id":"mine"}""", "invalid_event").Text("error.event_id"));
    }

    [Fact]
    public void Expiry_EndsTheSessionWithItsError()
    {
        var h = new DialogueHarness(life: TimeSpan.FromSeconds(10));
        h.Advance(9_999);
        Assert.Null(h.Termination);
        h.Advance(1);
        Assert.Equal(Sessions.TerminationKind.Expired, h.Termination!.Kind);
        Assert.Equal("session_expired", h.Termination.Error!.Code);
        Assert.Null(h.Dialogue.NextDeadline);
        Assert.Empty(h.Send("""{"type":"response.create"}"""));
        h.SendAudioAtOnce(new byte[960]);
        h.CheckFlow();
    }

    [Fact]
    public void Expiry_DuringAResponse_SendsNothingMore()
    {
        var h = new DialogueHarness(DialogueHarness.Script("""{"turns":[{"reply":[{"say":"long","ms":60000}]}]}"""), life: TimeSpan.FromSeconds(2));
        h.Send("""{"type":"response.create"}""");
        h.Advance(5000);
        Assert.True(h.Dialogue.HasEnded);
        h.SetRoom(true);
        h.CheckFlow();
    }

    [Fact]
    public void Tracing_StaysAsItIsOnceItIsOn()
    {
        var h = new DialogueHarness();
        h.Update("\"tracing\":\"auto\"");
        h.Update("\"tracing\":\"auto\"");
        h.Refused("""{"type":"session.update","session":{"type":"realtime","tracing":null}}""", "invalid_value", "session.tracing");
        h.Refused("""{"type":"session.update","session":{"type":"realtime","tracing":{"workflow_name":"w"}}}""", "invalid_value", "session.tracing");
        Assert.Equal("auto", h.Update("\"instructions\":\"x\"").Text("session.tracing"));
    }

    [Fact]
    public void CustomVoice_IsTakenBackAsItIsShown()
    {
        var h = new DialogueHarness();
        h.Update("\"audio\":{\"output\":{\"voice\":{\"id\":\"voice_1\"}}}");
        Assert.Equal("voice_1", h.Update("\"audio\":{\"output\":{\"voice\":\"voice_1\"}}").Text("session.audio.output.voice"));
        h.Refused("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"voice_2"}}}}""", "invalid_value", "session.audio.output.voice");
    }

    [Fact]
    public void Speed_ChangesBetweenResponsesOnly()
    {
        var h = new DialogueHarness(DialogueHarness.Script(DialogueHarness.LongAnswer));
        h.Send("""{"type":"response.create"}""");
        h.Refused("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":1.2}}}}""", "invalid_value", "session.audio.output.speed");
        h.Update("\"audio\":{\"output\":{\"speed\":1}}");
        h.RunUntilDone();
        Assert.Equal("1.2", h.Update("\"audio\":{\"output\":{\"speed\":1.2}}").Find("session.audio.output.speed").GetRawText());
    }
}
