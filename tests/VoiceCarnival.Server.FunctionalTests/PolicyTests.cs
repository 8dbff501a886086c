using System.Net;
using System.Text;
using VoiceCarnival.Server.FunctionalTests.WebSocket;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>The operator's policy over real sockets.</summary>
public sealed class PolicyTests
{
    private static readonly (string Key, string Value)[] Settings =
    [
        ("VoiceCarnival:Policy:AllowedFields:0", "audio"),
        ("VoiceCarnival:Policy:Instructions", "The operator's words."),
        ("VoiceCarnival:Policy:HideOperatorFields", "true"),
        ("VoiceCarnival:Access:ApiKeys:0:Name", "backend"),
        ("VoiceCarnival:Access:ApiKeys:0:Key", "correct-horse-battery-staple"),
    ];

    [Fact]
    public async Task Stranger_CannotSetOrSeeTheInstructions()
    {
        await using var gateway = new LocalGateway(Settings);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        Assert.Equal("", (await client.ExpectAsync("session.created")).Text("session.instructions"));
        await client.SendAsync("""{"event_id":"e1","type":"session.update","session":{"type":"realtime","instructions":"Mine."}}""");
        var error = await client.ExpectAsync("error");
        Assert.Equal("policy_violation", error.Text("error.code"));
        Assert.Equal("e1", error.Text("error.event_id"));
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"voice":"marin"}}}}""");
        Assert.Equal("", (await client.ExpectAsync("session.updated")).Text("session.instructions"));
        client.AssertNoProblems();
    }

    [Fact]
    public async Task TrustedCaller_SeesAndSetsThem()
    {
        await using var gateway = new LocalGateway(Settings);
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: "correct-horse-battery-staple");
        Assert.Equal("The operator's words.", (await client.ExpectAsync("session.created")).Text("session.instructions"));
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"Mine."}}""");
        Assert.Equal("Mine.", (await client.ExpectAsync("session.updated")).Text("session.instructions"));
    }

    [Fact]
    public async Task TokenBody_IsHeldToThePolicy()
    {
        await using var gateway = new LocalGateway(Settings);
        using var refused = await gateway.Client.PostAsync("/api/ephemeral-token", Json("""{"session":{"type":"realtime","instructions":"Mine."}}"""));
        var error = await Gateway.ErrorOf(refused, HttpStatusCode.Forbidden);
        Assert.Equal("policy_violation", error.GetProperty("code").GetString());
        Assert.Equal("session.instructions", error.GetProperty("param").GetString());
        using var minted = await gateway.Client.PostAsync("/api/ephemeral-token", Json("""{"session":{"type":"realtime","audio":{"output":{"voice":"marin"}}}}"""));
        Assert.Equal(HttpStatusCode.OK, minted.StatusCode);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
