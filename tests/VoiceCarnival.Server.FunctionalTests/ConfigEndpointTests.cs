using System.Net;
using System.Text.Json;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.FunctionalTests;

public sealed class ConfigEndpointTests(Gateway gateway) : IClassFixture<Gateway>
{
    [Fact]
    public async Task Config_TellsEngineTransportsAndLimits()
    {
        var config = await Gateway.JsonOf(await gateway.Client.GetAsync("/api/config"));
        Assert.Equal("VoiceCarnival", config.GetProperty("name").GetString());
        Assert.Equal("none", config.GetProperty("authentication").GetString());
        Assert.Equal("fake-1", config.GetProperty("engine").GetProperty("model").GetString());
        Assert.Equal(60, config.GetProperty("limits").GetProperty("max_session_minutes").GetInt32());
        Assert.Equal(1000, config.GetProperty("limits").GetProperty("max_sessions_per_caller").GetInt32());
        Assert.Equal(JsonValueKind.Null, config.GetProperty("limits").GetProperty("max_spend_per_session").ValueKind);
        var transports = config.GetProperty("transports").EnumerateArray().ToDictionary(t => t.GetProperty("id").GetString()!);
        Assert.Equal(["sip", "webrtc", "webrtc-direct", "websocket"], transports.Keys.Order());
        Assert.True(transports["websocket"].GetProperty("available").GetBoolean());
        Assert.Equal("/v1/realtime", transports["websocket"].GetProperty("url").GetString());
        Assert.True(transports["webrtc"].GetProperty("available").GetBoolean());
        Assert.Equal("/v1/realtime/calls?transport=webrtc", transports["webrtc"].GetProperty("url").GetString());
        Assert.True(transports["sip"].GetProperty("available").GetBoolean());
        Assert.All(transports.Values.Where(t => !t.GetProperty("available").GetBoolean()), t => Assert.NotEqual("", t.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Config_TellsWhatTheLocalEngineHearsSpeaksAndThinksWith_AndWhatIsMissing()
    {
        await using var local = new Gateway(
            [("VoiceCarnival:Local:SpeechToText:Provider", "none"), ("VoiceCarnival:Local:ChatModel:BaseUrl", "http://127.0.0.1:11434/v1"), ("VoiceCarnival:Local:ChatModel:Model", "llama3.2"),
             ("VoiceCarnival:Local:ChatModel:ApiKey", "sk-secret")], localEngine: true);

        string body = await local.Client.GetStringAsync("/api/config");

        var services = JsonDocument.Parse(body).RootElement.GetProperty("engine").GetProperty("services");
        Assert.Equal(("none", false), State(services.GetProperty("recognition")));
        Assert.Contains("SpeechToText:Provider", services.GetProperty("recognition").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(("flite", true), State(services.GetProperty("synthesis")));
        Assert.Equal(("127.0.0.1:11434", true), State(services.GetProperty("chat")));
        Assert.DoesNotContain("sk-secret", body, StringComparison.Ordinal);

        static (string?, bool) State(JsonElement service) => (service.GetProperty("name").GetString(), service.GetProperty("available").GetBoolean());
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("Host", "evil.example:80")]
    public async Task CallerThatOnlyLooksLocal_NeedsAKey(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/config");
        request.Headers.TryAddWithoutValidation(header, value);
        var config = await Gateway.JsonOf(await gateway.Client.SendAsync(request));
        Assert.Equal("required", config.GetProperty("authentication").GetString());
    }

    [Fact]
    public async Task TrustedProxy_IsBelieved()
    {
        using var behindProxy = new Gateway([("VoiceCarnival:Access:TrustedProxies:0", "127.0.0.0/8"), ("VoiceCarnival:Access:Authentication", "off")]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ephemeral-token");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "voice.example");
        var token = await Gateway.JsonOf(await behindProxy.Client.SendAsync(request));
        Assert.Equal("wss://voice.example/v1/realtime?model=fake-1", token.GetProperty("websocket_url").GetString());
    }

    [Theory]
    [InlineData("/voice", "/api/config", "/voice")]
    [InlineData("/voice", "/openai/api/config", "/voice/openai")] // Azure's name for the same
    [InlineData(null, "/openai/api/config", "/openai")]
    public async Task BelowAPath_TransportsAreBelowItToo(string? prefix, string path, string expected)
    {
        using var behindProxy = new Gateway([("VoiceCarnival:Access:TrustedProxies:0", "127.0.0.0/8"), ("VoiceCarnival:Access:Authentication", "off")]);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (prefix is not null)
            request.Headers.Add("X-Forwarded-Prefix", prefix);
        var config = await Gateway.JsonOf(await behindProxy.Client.SendAsync(request));
        var urls = config.GetProperty("transports").EnumerateArray().ToDictionary(t => t.GetProperty("id").GetString()!, t => t.TryGetProperty("url", out var url) ? url.GetString() : null);
        Assert.Equal(expected + "/v1/realtime", urls["websocket"]);
        Assert.Equal(expected + "/v1/realtime/calls?transport=webrtc", urls["webrtc"]);
        Assert.Null(urls["sip"]);
    }

    [Fact]
    public async Task PrefixOfAStranger_IsNotBelieved()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/config");
        request.Headers.Add("X-Forwarded-Prefix", "//evil.example");
        var config = await Gateway.JsonOf(await gateway.Client.SendAsync(request));
        Assert.Contains("/v1/realtime", config.GetProperty("transports").EnumerateArray().Select(t => t.TryGetProperty("url", out var url) ? url.GetString() : null));
    }

    [Fact]
    public async Task Sip_SaysWhatIsMissing()
    {
        await using var withoutPhones = new Gateway([("VoiceCarnival:Sip:Enabled", "false")]);
        foreach (var response in new[] { await withoutPhones.Client.GetAsync("/api/sip"), await withoutPhones.Client.PostAsync("/api/sip-session", null) })
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var sip = await Gateway.JsonOf(response);
            Assert.False(sip.GetProperty("available").GetBoolean());
            Assert.NotEqual("", sip.GetProperty("reason").GetString());
            Assert.Equal(JsonValueKind.Null, sip.GetProperty("address").ValueKind);
            Assert.Equal(0, sip.GetProperty("codecs").GetArrayLength());
            Assert.NotEqual(0, sip.GetProperty("missing").GetArrayLength());
            Assert.EndsWith("/webhooks/openai", sip.GetProperty("hosted_sip").GetProperty("webhook_url").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task OpenApi_DescribesEndpointsWithSchemas()
    {
        var document = await Gateway.JsonOf(await gateway.Client.GetAsync("/openapi/v1.json"));
        var paths = document.GetProperty("paths");
        foreach (string path in new[] { "/api/config", "/api/ephemeral-token", "/v1/realtime/client_secrets", "/api/sip", "/api/sip-session", "/api/sessions", "/healthz", "/readyz", "/metrics" })
        {
            var operation = paths.GetProperty(path).EnumerateObject().Single().Value;
            Assert.NotEqual("", operation.GetProperty("summary").GetString());
            Assert.True(operation.GetProperty("responses").GetProperty("200").TryGetProperty("content", out _), path);
        }

        var body = paths.GetProperty("/api/ephemeral-token").GetProperty("post").GetProperty("requestBody");
        Assert.Contains("expires_after", document.GetRawText(), StringComparison.Ordinal);
        Assert.True(body.GetProperty("content").TryGetProperty("application/json", out _));

        var realtime = paths.GetProperty("/v1/realtime").GetProperty("get");
        Assert.Equal(["model", "intent", "call_id", "resume"], realtime.GetProperty("parameters").EnumerateArray().Select(parameter => parameter.GetProperty("name").GetString()));
        Assert.Equal(["101", "403", "404", "426", "429", "503"], realtime.GetProperty("responses").EnumerateObject().Select(response => response.Name));
        Assert.True(realtime.TryGetProperty("security", out _));
        foreach (string path in new[] { "/webhooks/openai", "/v1/realtime/sessions", "/v1/realtime/transcription_sessions", "/v1/realtime/calls", "/v1/realtime/calls/{call_id}/accept" })
            Assert.True(paths.GetProperty(path).GetProperty("post").TryGetProperty("requestBody", out _), path);

        var schemes = document.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal("bearer", schemes.GetProperty("bearer").GetProperty("scheme").GetString());
        var security = paths.GetProperty("/v1/realtime/client_secrets").GetProperty("post").GetProperty("security").EnumerateArray().ToArray();
        Assert.Equal(["bearer", "api-key", ""], security.Select(requirement => string.Join(",", requirement.EnumerateObject().Select(scheme => scheme.Name))));
        Assert.False(paths.GetProperty("/api/config").GetProperty("get").TryGetProperty("security", out _));
    }

    [Fact]
    public async Task Metrics_ArePrometheusText()
    {
        await gateway.Client.PostAsync("/api/ephemeral-token", null);
        string metrics = await gateway.Client.GetStringAsync("/metrics");
        Assert.Contains("voicecarnival_client_secrets_minted", metrics, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(ClientSecretStore.Prefix, metrics, StringComparison.Ordinal);
    }
}
