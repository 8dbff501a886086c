using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions.Tests.Policy;

public sealed class SessionPolicyTests
{
    private static readonly Caller Key = new(CallerKind.ApiKey, "backend");

    private static PolicyOptions Strict => new()
    {
        AllowedFields = ["audio.input.turn_detection", "audio.output.voice", "model", "max_output_tokens", "tools"],
        AllowedModels = ["gpt-small"],
        AllowedVoices = ["marin", "voice_1"],
        MaxOutputTokens = 100,
        MaxInstructionsLength = 10,
        AllowMcpTools = false,
    };

    [Theory]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","instructions":"x"}}""", "session.instructions")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"format":{"type":"audio/pcmu"}}}}}""", "session.audio.input.format.type")]
    [InlineData("""{"type":"session.update","session":{"audio":null}}""", "session.audio")]
    [InlineData("""{"type":"session.update","session":{"audio.output.voice":"marin"}}""", "session.audio.output.voice")]
    [InlineData("""{"type":"session.update","session":{"audio":{"output":{"voice":"echo"}}}}""", "session.audio.output.voice")]
    [InlineData("""{"type":"session.update","session":{"audio":{"output":{"voice":{"id":"voice_2"}}}}}""", "session.audio.output.voice")]
    [InlineData("""{"type":"session.update","session":{"model":"gpt-large"}}""", "session.model")]
    [InlineData("""{"type":"session.update","session":{"max_output_tokens":"inf"}}""", "session.max_output_tokens")]
    [InlineData("""{"type":"session.update","session":{"max_output_tokens":null}}""", "session.max_output_tokens")]
    [InlineData("""{"type":"session.update","session":{"tools":[{"type":"function","name":"f"},{"type":"mcp"}]}}""", "session.tools[1].type")]
    [InlineData("""{"type":"response.create","response":{"instructions":"x"}}""", "response.instructions")]
    [InlineData("""{"type":"response.create","response":{"input":[]}}""", "response.input")]
    [InlineData("""{"type":"response.create","response":{"max_output_tokens":101}}""", "response.max_output_tokens")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[]}}""", "item.role")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"developer","content":[]}}""", "item.role")]
    [InlineData("""{"type":"transcription_session.update","session":{}}""", "type")]
    [InlineData("""{"type":"session.update","session":{},"session":{"instructions":"x"}}""", null)]
    [InlineData("""{"type":"response.cancel","type":"session.update","session":{"instructions":"x"}}""", null)]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","typ\u0065":"session.update"}""", null)]
    [InlineData("""{"type":"session.update","session":{"instructions":"\ud800"}}""", null)]
    [InlineData("[1]", null)]
    [InlineData("""{"type":"session.update","session":{"prompt":{}}}""", "session.prompt")]
    [InlineData("""{"type":"session.update","session":{"audio":{"input":{"transcription":{}}}}}""", "session.audio.input.transcription")]
    [InlineData("""{"type":"session.update","session":{"audio":{}}}""", "session.audio")]
    [InlineData("""{"type":"session.update","session":{"type":{"instructions":"x"}}}""", "session.type.instructions")]
    [InlineData("""{"type":"session.update","session":{"type":["x"]}}""", "session.type")]
    [InlineData("""{"type":"response.create","response":{"conversation":{"instructions":"x"}}}""", "response.conversation.instructions")]
    public void OutsideThePolicy_IsRefusedByItsPath(string json, string? param)
    {
        var error = Check(Strict, json, out _);
        Assert.Equal("policy_violation", error!.Code);
        Assert.Equal("invalid_request_error", error.Type);
        Assert.Equal(param, error.Param);
    }

    [Theory]
    [InlineData("output_modalities", "whisper-1", "session.audio.input.transcription.model")]
    [InlineData("audio.input", "whisper-1", null)]
    [InlineData("audio.input", "gpt-4o-transcribe", "session.audio.input.transcription.model")]
    public void SessionThatOnlyTranscribes_IsHeldToTheListsToo(string allowed, string model, string? param)
    {
        var options = new PolicyOptions { AllowedFields = [allowed], AllowedModels = ["whisper-1"] };
        var error = Check(options, $$"""{"type":"session.update","session":{"type":"transcription","audio":{"input":{"transcription":{"model":"{{model}}" } } } } }""", out _);
        Assert.Equal(param, error?.Param);
        error = Check(options, """{"type":"session.update","session":{"type":"transcription"}}""", out _);
        Assert.Equal(allowed == "audio.input" ? null : "session.type", error?.Param);
        Assert.Equal(allowed == "audio.input", new SessionPolicy(options).CheckType("transcription") is null);
        Assert.Null(new SessionPolicy(options).CheckType("realtime"));
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":0.9}},"output":{"voice":{"id":"voice_1"}}}}}""")]
    [InlineData("""{"type":"session.update","session":{"model":"gpt-small","max_output_tokens":100,"tools":[{"type":"function","name":"f"}]}}""")]
    [InlineData("""{"type":"response.create"}""")]
    [InlineData("""{"type":"response.create","response":{"conversation":"none","metadata":{"a":"b"}}}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"a long text"}]}}""")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"c","output":"x"}}""")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA"}""")]
    [InlineData("""{"type":"response.cancel"}""")]
    public void WithinThePolicy_GoesOn(string json) => Assert.Null(Check(Strict, json, out _));

    [Fact]
    public void LongTexts_AreRefused_WhereTheFieldItselfIsAllowed()
    {
        var policy = new PolicyOptions { MaxInstructionsLength = 10 };
        string text = new('x', 200);
        Assert.Equal("session.instructions", Check(policy, $$$"""{"type":"session.update","session":{"instructions":"{{{text}}}"}}""", out _)!.Param);
        Assert.Equal("item.content", Check(policy, $$$"""{"type":"conversation.item.create","item":{"role":"system","content":[{"type":"input_text","text":"{{{text}}}"}]}}""", out _)!.Param);
        Assert.Equal("response.input[0].content", Check(policy, $$$"""{"type":"response.create","response":{"input":[{"role":"system","content":[{"text":"{{{text}}}"}]}]}}""", out _)!.Param);
        Assert.Null(Check(policy, """{"type":"session.update","session":{"instructions":"short"}}""", out _));
    }

    [Fact]
    public void RefusedEvent_KeepsItsId()
    {
        Check(Strict, """{"event_id":"mine","type":"session.update","session":{"instructions":"x"}}""", out string? id);
        Assert.Equal("mine", id);
    }

    [Fact]
    public void DefaultPolicy_RestrictsAndHidesNothing()
    {
        var policy = new SessionPolicy(new PolicyOptions());
        Assert.False(policy.Restricts(Caller.Anonymous));
        Assert.False(policy.HidesFrom(Caller.Anonymous));
        Assert.Equal(JsonValueKind.Undefined, policy.WithOperatorFields(default, "realtime", Caller.Anonymous).ValueKind);
        Assert.False(new SessionPolicy(new PolicyOptions { AllowedFields = ["*"] }).Restricts(Caller.Anonymous));
        Assert.True(new SessionPolicy(new PolicyOptions { AllowedFields = [] }).Restricts(Caller.Anonymous));
    }

    [Fact]
    public void Keys_AreTrusted_UnlessThePolicyAppliesToThem()
    {
        Assert.False(new SessionPolicy(Strict).Restricts(Key));
        var all = Strict;
        all.ApplyToKeys = true;
        Assert.True(new SessionPolicy(all).Restricts(Key));
        Assert.True(new SessionPolicy(Strict).Restricts(new Caller(CallerKind.ClientSecret, "cs_1")));
    }

    [Fact]
    public void OperatorFields_GoUnderWhatWasMinted()
    {
        var policy = new SessionPolicy(new PolicyOptions { Instructions = "Be kind.", Tools = """[{"type":"function","name":"f"}]""", MaxOutputTokens = 7 });
        var merged = policy.WithOperatorFields(JsonDocument.Parse("""{"type":"realtime","instructions":"Mine."}""").RootElement, "realtime", Caller.Anonymous);
        Assert.Equal("Mine.", merged.GetProperty("instructions").GetString());
        Assert.Equal("f", merged.GetProperty("tools")[0].GetProperty("name").GetString());
        Assert.Equal(7, merged.GetProperty("max_output_tokens").GetInt32());
        Assert.False(policy.WithOperatorFields(default, "realtime", Key).TryGetProperty("max_output_tokens", out _));
        Assert.Equal(JsonValueKind.Undefined, policy.WithOperatorFields(default, "transcription", Caller.Anonymous).ValueKind);
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"instructions":"Mine."}}""", "session.instructions")]
    [InlineData("""{"type":"session.update","session":{"instructions":null}}""", "session.instructions")]
    [InlineData("""{"type":"session.update","session":{"prompt":{"id":"pmpt_1"}}}""", "session.prompt.id")]
    [InlineData("""{"type":"session.update","session":{"tools":[]}}""", "session.tools")]
    [InlineData("""{"type":"response.create","response":{"instructions":"Mine."}}""", "response.instructions")]
    [InlineData("""{"type":"response.create","response":{"tools":[]}}""", "response.tools")]
    [InlineData("""{"type":"response.create","response":{"input":[{"type":"message","role":"system","content":[]}]}}""", "response.input[0].role")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"system","content":[]}}""", "item.role")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"mcp_list_tools","server_label":"s","tools":[]}}""", "item.type")]
    public void WhatTheOperatorSets_Stays_UnlessTheFieldIsListed(string json, string param)
    {
        const string Tools = """[{"type":"function","name":"f"}]""";
        var set = new PolicyOptions { Instructions = "Be kind.", Tools = Tools };
        Assert.True(new SessionPolicy(set).Restricts(Caller.Anonymous));
        var error = Check(set, json, out _);
        Assert.Equal("policy_violation", error!.Code);
        Assert.Equal(param, error.Param);
        Assert.Null(Check(new PolicyOptions { Instructions = "Be kind.", Tools = Tools, AllowedFields = ["*"] }, json, out _));
        Assert.Null(Check(new PolicyOptions { Instructions = "Be kind.", Tools = Tools, AllowedFields = ["instructions", "tools", "prompt", "item.system", "input"] }, json, out _));
        Assert.Null(Check(new PolicyOptions { MaxOutputTokens = 5 }, json, out _));
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"audio":{"output":{"voice":"marin"}},"tracing":null}}""")]
    [InlineData("""{"type":"session.update","session":{"tools":[]}}""")]
    [InlineData("""{"type":"response.create","response":{"output_modalities":["text"]}}""")]
    public void WhatTheOperatorLeavesOpen_StaysOpen(string json) => Assert.Null(Check(new PolicyOptions { Instructions = "Be kind." }, json, out _));

    [Theory]
    [InlineData("""{"type":"session.created","session":{"id":"keep","instructions":"SECRET","tools":[{"name":"SECRET"}],"tool_choice":{"type":"function","name":"SECRET"},"prompt":{"id":"SECRET"}}}""")]
    [InlineData("""{"type":"response.created","response":{"id":"keep","instructions":"SECRET","tools":[{"name":"SECRET"}]}}""")]
    [InlineData("""{"type":"response.done","response":{"id":"keep","output":[{"type":"message","role":"assistant","content":[{"text":"x"}]},{"type":"mcp_list_tools","tools":[{"name":"SECRET"}]}]}}""")]
    [InlineData("""{"type":"response.output_item.done","item":{"id":"keep","type":"mcp_list_tools","server_label":"l","tools":[{"name":"SECRET"}]}}""")]
    [InlineData("""{"type":"conversation.item.added","item":{"id":"keep","type":"mcp_list_tools","tools":[{"name":"SECRET","description":"SECRET"}]}}""")]
    [InlineData("""{"type":"conversation.item.retrieved","item":{"id":"keep","type":"message","role":"system","content":[{"type":"input_text","text":"SECRET"}]}}""")]
    [InlineData("""{"type":"some.event.to.come","id":"keep","session":{"instructions":"SECRET"},"response":{"output":[{"tools":["SECRET"]}]},"items":[{"role":"developer","content":[{"text":"SECRET"}]}]}""")]
    [InlineData("""{"id":"keep","type":"realtime","instructions":"SECRET","tools":[{"name":"SECRET"}]}""")]
    public void HiddenFields_AreNowhereToBeSeen(string json)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(json);
        Assert.True(OperatorFields.TryHide(ref bytes));
        string seen = Encoding.UTF8.GetString(bytes);
        Assert.DoesNotContain("SECRET", seen, StringComparison.Ordinal);
        Assert.Contains("keep", seen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"response.output_text.delta","delta":"the \"instructions\" and tools"}""")]
    [InlineData("""{"type":"conversation.item.done","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"\"tools\":"}]}}""")]
    [InlineData("""{"type":"response.function_call_arguments.done","name":"f","arguments":"{\"instructions\":1}"}""")]
    public void WhatIsSaid_IsNotTouchedByHiding(string json)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(json);
        Assert.True(OperatorFields.TryHide(ref bytes));
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, JsonDocument.Parse(Encoding.UTF8.GetString(bytes)).RootElement));
    }

    [Theory]
    [InlineData("""{"type":"session.created","session":{"instructions":"SECRET" """)]
    [InlineData("""{"type":"session.created","session":{"instructions":"a","instructions":"SECRET"}}""")]
    public void EventThatCannotBeRead_IsNotShown(string json)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(json);
        Assert.False(OperatorFields.TryHide(ref bytes));
    }

    [Fact]
    public void UserOfAnIdentityProvider_IsHeldToThePolicy_UnlessTrusted()
    {
        var policy = new SessionPolicy(Strict);
        Assert.True(policy.Restricts(new Caller(CallerKind.User, "user:alice")));
        Assert.False(policy.Restricts(new Caller(CallerKind.User, "user:alice") { IsTrusted = true }));
    }

    [Fact]
    public void RandomEvents_NeverThrow_AndNeverCarryAFieldOutside()
    {
        var random = new Random(20261123);
        var policy = new SessionPolicy(Strict);
        int passed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string json = RandomEvent(random);
            if (random.Next(10) == 0)
                json = json[..random.Next(json.Length)];
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            var kind = ClientEventPeek.KindOf(bytes);
            if (policy.CheckEvent(kind, bytes, out _) is not null || kind != ClientEventKind.SessionUpdate)
                continue;
            passed++;
            foreach (string leaf in Leaves(JsonDocument.Parse(json).RootElement, ""))
            {
                Assert.True(!leaf.StartsWith("session.", StringComparison.Ordinal) || leaf.StartsWith("session.type", StringComparison.Ordinal) || leaf.StartsWith("session.audio.input.turn_detection", StringComparison.Ordinal)
                    || leaf.StartsWith("session.audio.output.voice", StringComparison.Ordinal) || leaf == "session.model" || leaf == "session.max_output_tokens"
                    || leaf.StartsWith("session.tools", StringComparison.Ordinal), $"{leaf} passed in {json}");
            }
        }

        Assert.InRange(passed, 100, 19_000);
    }

    private static RealtimeError? Check(PolicyOptions options, string json, out string? eventId)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return new SessionPolicy(options).CheckEvent(ClientEventPeek.KindOf(bytes), bytes, out eventId);
    }

    private static IEnumerable<string> Leaves(JsonElement element, string path) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().SelectMany(field => Leaves(field.Value, path.Length == 0 ? field.Name : $"{path}.{field.Name}"))
        : [path];

    private static string RandomEvent(Random random)
    {
        string[] types = ["session.update", "session.update", "response.create", "conversation.item.create", "other"];
        return $$"""{"type":"{{types[random.Next(types.Length)]}}","session":{{RandomFields(random, 0)}}}""";
    }

    private static string RandomFields(Random random, int depth)
    {
        string[] names = ["type", "audio", "input", "output", "voice", "turn_detection", "model", "instructions", "tools", "max_output_tokens", "prompt", "audio.output.voice", "\\u0074ools", "\\ud800", ""];
        string[] values = ["\"marin\"", "\"gpt-small\"", "5", "1e999", "null", "true", "[]", "[{\"type\":\"mcp\"}]", "{}", "\"\\ud800\""];
        var fields = Enumerable.Range(0, random.Next(4)).Select(_ =>
            $"\"{names[random.Next(names.Length)]}\":{(depth < 4 && random.Next(2) == 0 ? RandomFields(random, depth + 1) : values[random.Next(values.Length)])}");
        return "{" + string.Join(',', fields) + "}";
    }
}
