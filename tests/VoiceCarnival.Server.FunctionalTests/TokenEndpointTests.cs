using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.FunctionalTests;

public sealed class TokenEndpointTests(Gateway gateway) : IClassFixture<Gateway>
{
    private const string Key = "a-key-for-tests-only-1234";

    [Theory]
    [InlineData("/api/ephemeral-token")]
    [InlineData("/v1/realtime/client_secrets")]
    public async Task EmptyBody_MintsWithDefaults(string path)
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var response = await gateway.Client.PostAsync(path, null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
        var token = await Gateway.JsonOf(response);
        Assert.Matches("^ek_[0-9a-f]{48}$", token.GetProperty("value").GetString());
        Assert.InRange(token.GetProperty("expires_at").GetInt64(), before + 599, before + 660);
        Assert.Equal("sess_1", token.GetProperty("session").GetProperty("id").GetString());
        Assert.Equal($"http://127.0.0.1:{gateway.Client.BaseAddress!.Port}/v1/realtime/calls", token.GetProperty("calls_url").GetString());
        Assert.Equal($"ws://127.0.0.1:{gateway.Client.BaseAddress!.Port}/v1/realtime?model=fake-1", token.GetProperty("websocket_url").GetString());
        Assert.Equal("fake", token.GetProperty("engine").GetString());
    }

    [Fact]
    public async Task Session_IsBoundToTheSecret()
    {
        var token = await Gateway.JsonOf(await Post("""{"expires_after":{"anchor":"created_at","seconds":10},"session":{"type":"realtime","instructions":"hi"}}"""));
        var secrets = gateway.Services.GetRequiredService<IClientSecretStore>();
        var redeemed = secrets.Redeem(token.GetProperty("value").GetString()!);
        Assert.Equal("hi", redeemed!.Session.GetProperty("instructions").GetString());
    }

    [Fact]
    public async Task TranscriptionSession_GetsTranscriptionUrl()
    {
        var token = await Gateway.JsonOf(await Post("""{"session":{"type":"transcription"}}"""));
        Assert.EndsWith("/v1/realtime?intent=transcription", token.GetProperty("websocket_url").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "invalid_json", null)]
    [InlineData("[]", "invalid_type", null)]
    [InlineData("null", "invalid_type", null)]
    [InlineData("""{"expires_after":5}""", "invalid_type", "expires_after")]
    [InlineData("""{"expires_after":{"seconds":9}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"seconds":7201}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"seconds":60.5}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"seconds":"60"}}""", "invalid_value", "expires_after.seconds")]
    [InlineData("""{"expires_after":{"anchor":"now"}}""", "invalid_value", "expires_after.anchor")]
    [InlineData("""{"expires_after":{"minutes":1}}""", "unknown_parameter", "expires_after.minutes")]
    [InlineData("""{"sesion":{}}""", "unknown_parameter", "sesion")]
    [InlineData("""{"session":"x"}""", "invalid_type", "session")]
    [InlineData("""{"session":{"speed":9}}""", "invalid_value", "session.speed")]
    [InlineData("""{"session":{},"session":{}}""", "invalid_json", null)]
    [InlineData("""{"session":{"instructions":"\ud800"}}""", "invalid_json", null)]
    public async Task WrongBody_IsRefusedWithParam(string body, string code, string? param)
    {
        var error = await Gateway.ErrorOf(await Post(body), HttpStatusCode.BadRequest);
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task SessionWithoutType_IsRefusedOnOpenAIsPath_AndTakenOnOurs()
    {
        const string body = """{"session":{"instructions":"hi"}}""";
        using var theirs = new StringContent(body, Encoding.UTF8, "application/json");
        var error = await Gateway.ErrorOf(await gateway.Client.PostAsync("/v1/realtime/client_secrets", theirs), HttpStatusCode.BadRequest);
        Assert.Equal("missing_required_parameter", error.GetProperty("code").GetString());
        Assert.Equal("session.type", error.GetProperty("param").GetString());
        Assert.Equal(HttpStatusCode.OK, (await Post(body)).StatusCode);
    }

    [Fact]
    public async Task BodyThatIsNotJson_Is415()
    {
        var response = await gateway.Client.PostAsync("/api/ephemeral-token", new StringContent("{}", Encoding.UTF8, "text/plain"));
        await Gateway.ErrorOf(response, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task LargeBody_Is413()
    {
        var response = await Post(new string(' ', 1024 * 1024) + "{}");
        await Gateway.ErrorOf(response, HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task DefectInTheEngine_Is500WithoutDetails()
    {
        var response = await Post("""{"session":{"crash":1}}""");
        var error = await Gateway.ErrorOf(response, HttpStatusCode.InternalServerError);
        Assert.Equal("server_error", error.GetProperty("type").GetString());
        Assert.DoesNotContain("defect", error.GetProperty("message").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RandomBodies_AreNeverServerErrors()
    {
        using var generous = new Gateway([("VoiceCarnival:Limits:TokenRequestsPerMinute", "100000")]);
        var random = new Random(20261122);
        for (int i = 0; i < 400; i++)
        {
            string body = RandomJson.Body(random);
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await generous.Client.PostAsync("/api/ephemeral-token", content);
            Assert.True((int)response.StatusCode is 200 or 400, $"{(int)response.StatusCode} for {body}");
            if (response.StatusCode == HttpStatusCode.BadRequest)
                await Gateway.ErrorOf(response, HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task WhereKeysAreRequired_OnlyKeysMint()
    {
        using var closed = new Gateway([
            ("VoiceCarnival:Access:Authentication", "required"),
            ("VoiceCarnival:Access:ApiKeys:0:Name", "tests"), ("VoiceCarnival:Access:ApiKeys:0:Key", Key)]);
        Assert.Equal("required", (await Gateway.JsonOf(await closed.Client.GetAsync("/api/config"))).GetProperty("authentication").GetString());

        var missing = await closed.Client.PostAsync("/api/ephemeral-token", null);
        Assert.Equal("Bearer", missing.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("invalid_api_key", (await Gateway.ErrorOf(missing, HttpStatusCode.Unauthorized)).GetProperty("code").GetString());
        await Gateway.ErrorOf(await Mint(closed, Key + "x"), HttpStatusCode.Unauthorized);
        var stale = await Gateway.ErrorOf(await Mint(closed, "ek_0123"), HttpStatusCode.Unauthorized);
        Assert.Contains("/api/ephemeral-token", stale.GetProperty("message").GetString()!, StringComparison.Ordinal);

        var minted = await Mint(closed, Key);
        Assert.Equal(HttpStatusCode.OK, minted.StatusCode);
        string secret = (await Gateway.JsonOf(minted)).GetProperty("value").GetString()!;
        await Gateway.ErrorOf(await Mint(closed, secret), HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task TooManyRequests_Get429WithRetryAfter()
    {
        using var strict = new Gateway([("VoiceCarnival:Limits:TokenRequestsPerMinute", "2")]);
        Assert.Equal(HttpStatusCode.OK, (await strict.Client.PostAsync("/api/ephemeral-token", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await strict.Client.PostAsync("/v1/realtime/client_secrets", null)).StatusCode);
        var third = await strict.Client.PostAsync("/api/ephemeral-token", null);
        var error = await Gateway.ErrorOf(third, HttpStatusCode.TooManyRequests);
        Assert.Equal("rate_limit_exceeded", error.GetProperty("code").GetString());
        Assert.True(third.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.OK, (await strict.Client.GetAsync("/api/config")).StatusCode);
    }

    [Fact]
    public async Task PagesOfOtherOrigins_NeedToBeConfigured()
    {
        using var open = new Gateway([("VoiceCarnival:Access:AllowedOrigins:0", "https://app.example.com")]);
        foreach (string path in new[] { "/api/ephemeral-token", "/v1/realtime/client_secrets", "/v1/realtime/calls" })
        {
            var allowed = await Preflight(open, path, "https://app.example.com");
            Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
            Assert.Equal("https://app.example.com", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Contains("authorization", allowed.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.OrdinalIgnoreCase);
            Assert.False((await Preflight(open, path, "https://evil.example")).Headers.Contains("Access-Control-Allow-Origin"));
        }

        var mine = await MintFrom(open, "https://app.example.com");
        Assert.Equal(HttpStatusCode.OK, mine.StatusCode);
        Assert.Equal("https://app.example.com", mine.Headers.GetValues("Access-Control-Allow-Origin").Single());
        await Gateway.ErrorOf(await MintFrom(open, "https://evil.example"), HttpStatusCode.Forbidden);
        await Gateway.ErrorOf(await MintFrom(open, "null"), HttpStatusCode.Forbidden);
        var own = await MintFrom(open, open.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task AllOrigins_WhenAsked()
    {
        using var open = new Gateway([("VoiceCarnival:Access:AllowedOrigins:0", "*")]);
        Assert.Equal(HttpStatusCode.OK, (await MintFrom(open, "https://any.example")).StatusCode);
    }

    private Task<HttpResponseMessage> Post(string body) =>
        gateway.Client.PostAsync("/api/ephemeral-token", new StringContent(body, Encoding.UTF8, "application/json"));

    private static Task<HttpResponseMessage> Mint(Gateway at, string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/realtime/client_secrets");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return at.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> MintFrom(Gateway at, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/ephemeral-token");
        request.Headers.Add("Origin", origin);
        return at.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> Preflight(Gateway at, string path, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, path);
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        return at.Client.SendAsync(request);
    }
}
