using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Callers of the beta: they see their own protocol, whatever answers.</summary>
public abstract class BetaTests(TalkingGateway gateway)
{
    private static readonly string[] GaNames =
        ["output_text", "output_audio\"", "output_audio.", "output_audio_transcript", "conversation.item.added", "conversation.item.done", "output_modalities"];

    /// <summary>What the reference client sends at its start.</summary>
    private const string ReferenceSession =
        """{"event_id":"evt_1","type":"session.update","session":{"modalities":["text","audio"],"instructions":"Be brief.","voice":"verse","input_audio_format":"pcm16","output_audio_format":"pcm16","input_audio_transcription":{"model":"whisper-1"},"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":200},"tools":[],"tool_choice":"auto","temperature":0.8,"max_response_output_tokens":4096}}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReferenceClient_SpeaksTypesAndTruncates(bool browser)
    {
        await using var client = await ConnectAsync(gateway, browser);
        Assert.Equal(browser ? "realtime" : null, client.SubProtocol);
        var created = await client.ExpectAsync("session.created");
        Assert.Equal(["audio", "text"], created.Find("session.modalities").EnumerateArray().Select(m => m.GetString()).Order());
        Assert.Equal("pcm16", created.Text("session.input_audio_format"));
        Assert.Equal(JsonValueKind.Undefined, created.Find("session.audio").ValueKind);

        await client.SendAsync(ReferenceSession);
        var updated = await client.WaitForAsync("session.updated");
        Assert.Equal("verse", updated.Text("session.voice"));
        Assert.Equal("0.8", updated.Text("session.temperature"));
        Assert.Equal("4096", updated.Text("session.max_response_output_tokens"));
        Assert.Equal("whisper-1", updated.Text("session.input_audio_transcription.model"));
        Assert.Equal("Be brief.", updated.Text("session.instructions"));

        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 4);
        var done = await client.WaitForAsync("response.done");
        Assert.Equal("completed", done.Text("response.status"));
        Assert.Equal("pcm16", done.Text("response.output_audio_format"));
        string spokenId = done.Text("response.output.0.id")!;
        Assert.Equal("audio", done.Text("response.output.0.content.0.type"));
        await client.SendAsync(new { type = "conversation.item.truncate", item_id = spokenId, content_index = 0, audio_end_ms = 200 });
        await client.WaitForAsync("conversation.item.truncated");

        await client.SendAsync("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"good morning"}]}}""");
        await client.SendAsync("""{"type":"response.create","response":{"modalities":["text"],"temperature":0.6,"max_output_tokens":100}}""");
        Assert.Equal("good morning", (await client.WaitForAsync("response.text.done")).Text("text"));
        Assert.Equal("text", (await client.WaitForAsync("response.done")).Text("response.modalities.0"));

        AssertBetaOnly(client);
        var conversation = BetaConversation.Of(client.Events);
        var spoken = conversation[spokenId];
        var samples = MemoryMarshal.Cast<byte, short>(CollectionsMarshal.AsSpan(spoken.Audio));
        var (_, correlation) = AudioCheck.Find(samples[9_600..12_000], Speech.HelloAndSilence, maximumLag: 24_000);
        Assert.True(correlation > 0.99, $"correlation {correlation:F3}");
        Assert.Contains(conversation.Items, item => item.Text == "good morning" && item.Role == "assistant");
    }

    [Fact]
    public async Task AssistantMessage_KeepsItsBetaContentThereAndBack()
    {
        await using var client = await ConnectAsync(gateway);
        await client.SendAsync("""{"type":"conversation.item.create","item":{"id":"mine","type":"message","role":"assistant","content":[{"type":"text","text":"I said so."}]}}""");
        var created = await client.WaitForAsync("conversation.item.created");
        Assert.Equal("text", created.Text("item.content.0.type"));
        await client.SendAsync("""{"type":"conversation.item.retrieve","item_id":"mine"}""");
        Assert.Equal("I said so.", (await client.WaitForAsync("conversation.item.retrieved")).Text("item.content.0.text"));
        AssertBetaOnly(client);
    }

    [Theory]
    [InlineData("""{"type":"session.update","event_id":"mine","session":{"input_audio_format":"mp3"}}""", "invalid_value", "session.input_audio_format")]
    [InlineData("""{"type":"session.update","event_id":"mine","session":{"turn_detection":{"type":"telepathy"}}}""", "invalid_value", "session.turn_detection.type")]
    [InlineData("""{"type":"session.update","event_id":"mine","session":{"modalities":["smell"]}}""", "invalid_value", "session.modalities")]
    [InlineData("""{"type":"session.update","event_id":"mine","session":{"speed":9}}""", "decimal_above_max_value", "session.speed")]
    public async Task Errors_NameTheCallersFieldAndEvent(string json, string code, string param)
    {
        await using var client = await ConnectAsync(gateway);
        await client.SendAsync(json);
        var error = await client.WaitForAsync("error");
        Assert.Equal(code, error.Text("error.code"));
        Assert.Equal(param, error.Text("error.param"));
        Assert.Equal("mine", error.Text("error.event_id"));
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"voice":"ash","voice":"sage"}}""", "invalid_event")]
    [InlineData("no json at all", null)]
    [InlineData("""{"type":"session.update","session":7}""", null)]
    public async Task HostileEvents_AreAnsweredAndTheSessionGoesOn(string json, string? code)
    {
        await using var client = await ConnectAsync(gateway);
        await client.SendAsync(json);
        var error = await client.WaitForAsync("error");
        if (code is not null)
            Assert.Equal(code, error.Text("error.code"));
        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await client.WaitForAsync("input_audio_buffer.cleared");
    }

    [Fact]
    public async Task TranscriptionSession_HasItsBetaEvents()
    {
        await using var client = await ConnectAsync(gateway, query: "intent=transcription");
        await client.ExpectAsync("transcription_session.created");
        await client.SendAsync("""{"type":"transcription_session.update","session":{"input_audio_format":"pcm16","input_audio_transcription":{"model":"gpt-4o-transcribe","language":"en"},"turn_detection":{"type":"server_vad"}}}""");
        var updated = await client.WaitForAsync("transcription_session.updated");
        Assert.Equal("gpt-4o-transcribe", updated.Text("session.input_audio_transcription.model"));
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        await client.WaitForAsync("conversation.item.created");
    }

    [Fact]
    public async Task ModelOfTheBeta_IsServedByTheEnginesOwn()
    {
        await using var client = await ConnectAsync(gateway, query: "model=gpt-4o-realtime-preview-2024-10-01");
        var created = await client.ExpectAsync("session.created");
        Assert.DoesNotContain("gpt-4o", created.Text("session.model"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"session.update","session":{"voice":"ash"}}""", "session.voice")]
    [InlineData("""{"type":"session.update","session":{"turn_detection":null}}""", "session.turn_detection")]
    [InlineData("""{"type":"response.create","response":{"modalities":["text"]}}""", "response.modalities")]
    public async Task Policy_HoldsForBetaFields(string json, string param)
    {
        await using var strict = gateway.With(("VoiceCarnival:Policy:AllowedFields:0", "instructions"));
        await using var client = await ConnectAsync(strict);
        await client.SendAsync(json);
        var error = await client.WaitForAsync("error");
        Assert.Equal("policy_violation", error.Text("error.code"));
        Assert.StartsWith(param, error.Text("error.param"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_MintsInTheBetaShape_AndTheSecretOpensThatSession()
    {
        using var response = await gateway.Client.PostAsync("/v1/realtime/sessions", Json(
            """{"model":"gpt-4o-realtime-preview-2025-06-03","voice":"verse","modalities":["audio","text"],"instructions":"Be brief.","turn_detection":null,"client_secret":{"expires_after":{"anchor":"created_at","seconds":60}}}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var session = await Gateway.JsonOf(response);
        Assert.Equal("verse", session.GetProperty("voice").GetString());
        Assert.Equal(0.8, session.GetProperty("temperature").GetDouble());
        Assert.Equal(JsonValueKind.Null, session.GetProperty("turn_detection").ValueKind);
        Assert.Equal("pcm16", session.GetProperty("input_audio_format").GetString());
        Assert.InRange(session.GetProperty("client_secret").GetProperty("expires_at").GetInt64(), DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 30, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 90);
        string secret = session.GetProperty("client_secret").GetProperty("value").GetString()!;

        await using var client = await ConnectAsync(gateway, "model=gpt-4o-realtime-preview-2025-06-03",
            ["realtime", "openai-insecure-api-key." + secret, "openai-beta.realtime-v1"], []);
        var created = await client.ExpectAsync("session.created");
        Assert.Equal("Be brief.", created.Text("session.instructions"));
        Assert.Equal("verse", created.Text("session.voice"));
    }

    [Fact]
    public async Task TranscriptionSessions_MintsInTheBetaShape()
    {
        using var response = await gateway.Client.PostAsync("/v1/realtime/transcription_sessions", Json(
            """{"input_audio_format":"pcm16","input_audio_transcription":{"model":"gpt-4o-transcribe"},"client_secret":{"expires_at":{"seconds":30}}}"""));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var session = await Gateway.JsonOf(response);
        Assert.Equal("gpt-4o-transcribe", session.GetProperty("input_audio_transcription").GetProperty("model").GetString());
        Assert.StartsWith("ek_", session.GetProperty("client_secret").GetProperty("value").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"input_audio_format":"mp3"}""", 400, "input_audio_format")]
    [InlineData("""{"client_secret":{"expires_after":{"seconds":1}}}""", 400, "client_secret.expires_after.seconds")]
    [InlineData("""{"client_secret":7}""", 400, "client_secret")]
    [InlineData("""{"turn_detection":{"type":"telepathy"}}""", 400, "turn_detection.type")]
    [InlineData("[]", 400, null)]
    [InlineData("{", 400, null)]
    public async Task Sessions_WrongBody_IsRefusedInBetasWords(string body, int status, string? param)
    {
        using var response = await gateway.Client.PostAsync("/v1/realtime/sessions", Json(body));
        var error = await Gateway.ErrorOf(response, (HttpStatusCode)status);
        Assert.Equal(param, error.GetProperty("param").GetString());
    }

    private static Task<RealtimeTestClient> ConnectAsync(TalkingGateway gateway, bool browser = false, string query = "model=gpt-4o-realtime-preview") =>
        ConnectAsync(gateway, query,
            browser ? ["realtime", "openai-insecure-api-key.sk-any", "openai-beta.realtime-v1"] : [],
            browser ? [] : [new("OpenAI-Beta", "realtime=v1")]);

    // The schemas that the client knows are GA's.
    private static async Task<RealtimeTestClient> ConnectAsync(TalkingGateway gateway, string query, string[] subprotocols, KeyValuePair<string, string>[] headers)
    {
        var client = await RealtimeTestClient.ConnectAsync(gateway.Address, query, subprotocols: subprotocols, headers: headers);
        client.CheckSchema = false;
        return client;
    }

    private static void AssertBetaOnly(RealtimeTestClient client)
    {
        foreach (var received in client.Events)
        {
            string text = received.Json.GetRawText();
            Assert.All(GaNames, name => Assert.DoesNotContain(name, text, StringComparison.Ordinal));
        }
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}

public sealed class LocalBetaTests(LocalGateway gateway) : BetaTests(gateway), IClassFixture<LocalGateway>;

public sealed class RelayedBetaTests(RelayedGateway gateway) : BetaTests(gateway), IClassFixture<RelayedGateway>;
