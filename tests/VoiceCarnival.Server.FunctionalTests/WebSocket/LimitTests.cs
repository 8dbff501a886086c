using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Configuration;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Spend;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Limits of money and of callers over real sockets.</summary>
public sealed class LimitTests
{
    private const string Question = """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"How much is the fish?"}]}}""";
    private const string TextOnly = """{"type":"response.create","response":{"output_modalities":["text"]}}""";

    [Fact]
    public async Task RelayedSessionThatCostsTooMuch_GetsItsAnswer_ThenTheErrorAndTheClose()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:Limits:MaxSpendPerSession", "0.000001"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        await client.SendAsync(Question);
        await client.SendAsync(TextOnly);
        var done = await client.WaitForAsync("response.done");
        Assert.Equal("completed", done.Text("response.status"));
        Assert.Equal("session_spend_limit_reached", (await client.WaitForAsync("error")).Text("error.code"));
        Assert.Equal(4000, (int?)await client.WaitForCloseAsync());
        Assert.Equal("insufficient_quota.session_spend_limit_reached", client.CloseReason);
    }

    [Fact]
    public async Task DayThatIsSpent_RefusesSessionsAndSecrets_WithRetryAfter()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:Limits:MaxSpendPerDay", "0.000001"));
        await using (var client = await RealtimeTestClient.ConnectAsync(gateway.Address))
        {
            await client.ExpectAsync("session.created");
            await client.SendAsync(Question);
            await client.SendAsync(TextOnly);
            Assert.Equal("daily_spend_limit_reached", (await client.WaitForAsync("error")).Text("error.code"));
            await client.WaitForCloseAsync();
        }

        var refused = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        using var secret = await gateway.Client.PostAsync("/api/ephemeral-token", null);
        Assert.Equal("daily_spend_limit_reached", (await Gateway.ErrorOf(secret, HttpStatusCode.ServiceUnavailable)).GetProperty("code").GetString());
        Assert.InRange(secret.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        string metrics = await gateway.Client.GetStringAsync("/metrics");
        Assert.Contains("voicecarnival_spend", metrics, StringComparison.Ordinal);
        Assert.Contains("max_spend_per_day", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("model=gpt-realtime")]
    [InlineData("model=voicecarnival-concierge")]
    public async Task LocalEngine_CostsNothing_WhateverItsModelIsCalled(string query)
    {
        await using var gateway = new LocalGateway(("VoiceCarnival:Limits:MaxSpendPerSession", "0.000001"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, query);
        await client.ExpectAsync("session.created");
        await client.SendAsync(Question);
        await client.SendAsync(TextOnly);
        await client.WaitForAsync("response.done");
        // Meters are found by name in the whole process, so what relays of other tests spend is seen here, too.
        string[] metrics = (await gateway.Client.GetStringAsync("/metrics")).Split('\n');
        Assert.DoesNotContain(metrics, line => line.StartsWith("voicecarnival_spend", StringComparison.Ordinal) && line.Contains("engine=\"local\"", StringComparison.Ordinal));
        Assert.Contains(metrics, line => line.StartsWith("voicecarnival_sessions", StringComparison.Ordinal) && line.Contains("engine=\"local\"", StringComparison.Ordinal));
    }

    // Being told over an open socket costs more than a status, so it is not to be had without end.
    [Fact]
    public async Task AddressThatIsRefusedAgainAndAgain_GetsAStatus_AndWhoIsLetInStillIs()
    {
        await using var gateway = new LocalGateway(("VoiceCarnival:Limits:ApiRequestsPerMinute", "3"));
        for (int i = 0; i < 3; i++)
        {
            await using var told = await RealtimeTestClient.ConnectAsync(gateway.Address, "model=a%0ab");
            Assert.Equal("invalid_model", (await told.ExpectAsync("error")).Text("error.code"));
        }

        var refused = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, "model=a%0ab"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.NotEmpty(refused.Headers!["Retry-After"]);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
    }

    [Fact]
    public async Task SecretsOfOneUser_CountAsThatUser_AndRunningCallsGoOn()
    {
        await using var provider = new IdentityProvider();
        await using var gateway = new LocalGateway([.. provider.ByFile, ("VoiceCarnival:Limits:MaxSessionsPerCaller", "1")]);
        await using var first = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: provider.Token());
        await first.ExpectAsync("session.created");
        string secret = await MintAsync(gateway, provider.Token());
        var refused = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, bearer: secret));
        Assert.True(refused.Headers!.ContainsKey("Retry-After"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        await using var other = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: await MintAsync(gateway, provider.Token(subject: "bob")));
        await other.ExpectAsync("session.created");
        await first.SendAsync(Question);
        await first.WaitForAsync("conversation.item.done");
    }

    [Fact]
    public void SettingsFile_HasTheBuiltInPrices()
    {
        var file = new ConfigurationBuilder().AddJsonFile(Path.Combine(Gateway.RepositoryRoot, "appsettings.json")).Build().GetSection("VoiceCarnival:Limits:Prices").Get<Dictionary<string, ModelPrice>>()!;
        var builtIn = new LimitsOptions().Prices;
        Assert.Equal(builtIn.Keys.Order(StringComparer.Ordinal), file.Keys.Order(StringComparer.Ordinal));
        foreach (var (model, price) in builtIn)
        {
            foreach (var part in typeof(ModelPrice).GetProperties())
                Assert.Equal(part.GetValue(price), part.GetValue(file[model]));
        }
    }

    private static async Task<string> MintAsync(TalkingGateway gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ephemeral-token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await gateway.Client.SendAsync(request);
        return (await Gateway.JsonOf(response)).GetProperty("value").GetString()!;
    }
}
