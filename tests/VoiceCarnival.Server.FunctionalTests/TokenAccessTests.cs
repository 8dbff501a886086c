using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using VoiceCarnival.Server.FunctionalTests.WebSocket;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>Callers with tokens of an identity provider.</summary>
public sealed class TokenAccessTests
{
    [Fact]
    public async Task GoodToken_MintsAndTalks_AsHeaderAndAsSubprotocol()
    {
        await using var provider = new IdentityProvider();
        await using var gateway = new LocalGateway(provider.ByFile);
        using var minted = await MintAsync(gateway, provider.Token());
        Assert.Equal(HttpStatusCode.OK, minted.StatusCode);
        await using var server = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: provider.Token());
        await server.ExpectAsync("session.created");
        await using var browser = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime", "openai-insecure-api-key." + provider.Token()]);
        await browser.ExpectAsync("session.created");
    }

    [Fact]
    public async Task ProviderThatPublishesItsKeys_NeedsNoFile()
    {
        await using var provider = new IdentityProvider();
        await provider.StartAsync();
        await using var gateway = new LocalGateway(provider.ByAuthority);
        using var minted = await MintAsync(gateway, provider.Token());
        Assert.Equal(HttpStatusCode.OK, minted.StatusCode);
        using var foreign = await MintAsync(gateway, provider.Token(token => token.Issuer = "https://id.example.com"));
        Assert.Contains("issuer", await RefusalAsync(foreign), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProviderThatDoesNotAnswer_Is503AndNotTheCallersFault()
    {
        await using var provider = new IdentityProvider();
        await provider.StartAsync();
        await provider.StopAsync();
        await using var gateway = new LocalGateway(provider.ByAuthority);
        using var refused = await MintAsync(gateway, provider.Token());
        var error = await Gateway.ErrorOf(refused, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("identity_provider_unreachable", error.GetProperty("code").GetString());
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task BadToken_Is401_AndSaysWhy()
    {
        await using var provider = new IdentityProvider();
        await using var gateway = new LocalGateway(provider.ByFile);
        using var otherKey = RSA.Create(2048);
        string good = provider.Token();
        (string Token, string Reason)[] bad =
        [
            (provider.Token(token => (token.NotBefore, token.IssuedAt, token.Expires) = (DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddHours(-2), DateTime.UtcNow.AddMinutes(-5))), "expired"),
            (provider.Token(token => (token.NotBefore, token.Expires) = (DateTime.UtcNow.AddMinutes(5), DateTime.UtcNow.AddMinutes(9))), "not valid yet"),
            (provider.Token(token => token.Expires = null), "exp"),
            (provider.Token(token => token.Audience = "another"), "audience"),
            (provider.Token(token => token.Issuer = "https://other.example.com"), "issuer"),
            (provider.Token(subject: null), "'sub'"),
            (provider.Token(subject: new string('x', 300)), "'sub'"),
            (provider.Token(token => token.SigningCredentials = new SigningCredentials(new RsaSecurityKey(otherKey), SecurityAlgorithms.RsaSha256)), "signature"),
            // The public key as a shared secret, and no signature at all: the two old tricks.
            (provider.Token(token => token.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(provider.PublicPem)), SecurityAlgorithms.HmacSha256)), "sign"),
            (provider.Token(token => token.SigningCredentials = null), "sign"),
            (provider.Token(token => token.AdditionalHeaderClaims = new Dictionary<string, object> { ["crit"] = new[] { "exp" } }), "crit"),
            (good[..^8], "sign"),
            (good[..good.LastIndexOf('.')] + ".", "sign"),
            ("eyJhbGciOiJSUzI1NiJ9.broken", "accepted"),
        ];
        foreach (var (token, reason) in bad)
        {
            using var refused = await MintAsync(gateway, token);
            Assert.Contains(reason, await RefusalAsync(refused), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task BadTokenOnTheSocket_IsToldOverTheSocket()
    {
        await using var provider = new IdentityProvider();
        await using var gateway = new LocalGateway(provider.ByFile);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime", "openai-insecure-api-key." + provider.Token(token => token.Audience = "another")]);
        Assert.Equal("invalid_api_key", (await client.ExpectAsync("error")).Text("error.code"));
    }

    [Fact]
    public async Task StaleTokenOnLocalhost_IsNotAStranger()
    {
        await using var provider = new IdentityProvider();
        await using var gateway = new LocalGateway([.. provider.ByFile, ("VoiceCarnival:Access:Authentication", "auto")]);
        using var stale = await MintAsync(gateway, provider.Token(token => token.Audience = "another"));
        await RefusalAsync(stale);
        using var anyKey = await MintAsync(gateway, "any-key-as-sdks-send-one");
        Assert.Equal(HttpStatusCode.OK, anyKey.StatusCode);
    }

    [Theory]
    [InlineData(false, "error")]
    [InlineData(true, "session.updated")]
    public async Task User_IsHeldToThePolicy_UnlessTokensAreTrusted(bool trusted, string answer)
    {
        await using var provider = new IdentityProvider();
        await using var gateway = new LocalGateway([.. provider.ByFile, ("VoiceCarnival:Access:Jwt:Trusted", trusted ? "true" : "false"), ("VoiceCarnival:Policy:Instructions", "Be kind.")]);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: provider.Token());
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"Mine."}}""");
        await client.ExpectAsync(answer);
    }

    private static async Task<string> RefusalAsync(HttpResponseMessage response)
    {
        var error = await Gateway.ErrorOf(response, HttpStatusCode.Unauthorized);
        Assert.Equal("invalid_api_key", error.GetProperty("code").GetString());
        return error.GetProperty("message").GetString()!;
    }

    private static async Task<HttpResponseMessage> MintAsync(TalkingGateway gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/realtime/client_secrets");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await gateway.Client.SendAsync(request);
    }
}
