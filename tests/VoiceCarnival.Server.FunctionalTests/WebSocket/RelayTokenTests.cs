using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Tokens with the OpenAI engine are minted at the service and work on both sides of this server.</summary>
public sealed class RelayTokenTests
{
    [Theory]
    [InlineData("/api/ephemeral-token")]
    [InlineData("/v1/realtime/client_secrets")]
    public async Task Token_OpensTheSessionItWasMintedFor_HereAndAtTheService(string path)
    {
        await using var gateway = new RelayedGateway();
        var response = await gateway.Client.PostAsJsonAsync(path, new { expires_after = new { seconds = 60 }, session = new { type = "realtime", instructions = "Sing." } });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var token = await Gateway.JsonOf(response);
        string secret = token.GetProperty("value").GetString()!;
        Assert.StartsWith("ek_", secret, StringComparison.Ordinal);
        Assert.Equal("openai", token.GetProperty("engine").GetString());
        Assert.Equal("gpt-realtime-2.1", token.GetProperty("session").GetProperty("model").GetString());
        Assert.Equal($"http://127.0.0.1:{gateway.Line.Port}/v1/realtime/calls", token.GetProperty("direct_calls_url").GetString());
        foreach (var address in new[] { gateway.Address, new Uri($"http://127.0.0.1:{gateway.Line.Port}") })
        {
            await using var client = await RealtimeTestClient.ConnectAsync(address, subprotocols: ["realtime", "openai-insecure-api-key." + secret]);
            var created = await client.ExpectAsync("session.created");
            Assert.Equal("Sing.", created.Text("session.instructions"));
            client.AssertNoProblems();
        }
    }

    [Fact]
    public async Task OperatorsFields_AreMintedIntoTheServicesSecret()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:Policy:Instructions", "Be kind."), ("VoiceCarnival:Policy:Tools", """[{"type":"function","name":"weather"}]"""), ("VoiceCarnival:Policy:MaxOutputTokens", "99"));
        var token = await Gateway.JsonOf(await gateway.Client.PostAsJsonAsync("/v1/realtime/client_secrets", new { session = new { type = "realtime", audio = new { output = new { voice = "cedar" } } } }));
        await using var direct = await RealtimeTestClient.ConnectAsync(new Uri($"http://127.0.0.1:{gateway.Line.Port}"), subprotocols: ["realtime", "openai-insecure-api-key." + token.GetProperty("value").GetString()]);
        var created = await direct.ExpectAsync("session.created");
        Assert.Equal("Be kind.", created.Text("session.instructions"));
        Assert.Equal("weather", created.Text("session.tools.0.name"));
        Assert.Equal("cedar", created.Text("session.audio.output.voice"));
        using var refused = await gateway.Client.PostAsJsonAsync("/v1/realtime/client_secrets", new { session = new { type = "realtime", instructions = "Mine." } });
        Assert.Equal("session.instructions", (await Gateway.ErrorOf(refused, HttpStatusCode.Forbidden)).GetProperty("param").GetString());
    }

    [Fact]
    public async Task HiddenFields_NeverLeaveThisServer_SoTheSecretOpensNothingAtTheService()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:Policy:Instructions", "SECRET"), ("VoiceCarnival:Policy:HideOperatorFields", "true"));
        var token = await Gateway.JsonOf(await gateway.Client.PostAsync("/api/ephemeral-token", null));
        Assert.DoesNotContain("SECRET", token.ToString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, token.GetProperty("direct_calls_url").ValueKind);
        string[] subprotocols = ["realtime", "openai-insecure-api-key." + token.GetProperty("value").GetString()];
        await using var here = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: subprotocols);
        Assert.Equal("", (await here.ExpectAsync("session.created")).Text("session.instructions"));
        await using var there = await RealtimeTestClient.ConnectAsync(new Uri($"http://127.0.0.1:{gateway.Line.Port}"), subprotocols: subprotocols);
        Assert.Equal("invalid_api_key", (await there.ExpectAsync("error")).Text("error.code"));
    }

    [Fact]
    public async Task ServiceRefusesTheKey_ItsErrorComesBack_WithoutTheKey()
    {
        await using var service = new Gateway([("VoiceCarnival:Access:Authentication", "required"), ("VoiceCarnival:Access:ApiKeys:0:Name", "a"), ("VoiceCarnival:Access:ApiKeys:0:Key", "sk-the-right-key-of-all")], localEngine: true);
        await using var gateway = new Gateway([("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:ApiKey", "sk-wrong-and-secret"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "/v1").ToString())], localEngine: true);
        var error = await Gateway.ErrorOf(await gateway.Client.PostAsync("/api/ephemeral-token", null), HttpStatusCode.Unauthorized);
        Assert.Equal("invalid_api_key", error.GetProperty("code").GetString());
        Assert.DoesNotContain("wrong-and-secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServiceIsAway_Is503WithRetryAfter()
    {
        await using var gateway = new Gateway([("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"), ("VoiceCarnival:OpenAI:BaseUrl", "http://127.0.0.1:9/v1")], localEngine: true);
        var response = await gateway.Client.PostAsync("/api/ephemeral-token", null);
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Equal("upstream_unreachable", (await Gateway.ErrorOf(response, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString());
    }
}
