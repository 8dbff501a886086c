using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.OpenAI;
using VoiceCarnival.Testing.Realtime;
using VoiceCarnival.Testing.WebRtc;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>A caller has a data channel of its own to the service and sends there what the policy does not let it send here.</summary>
public sealed class DirectCallPolicyTests
{
    private const string Mine = """{"type":"session.update","session":{"type":"realtime","instructions":"Mine.","tools":[{"type":"function","name":"steal"}]}}""";

    private static readonly (string, string)[] Policy =
    [
        ("VoiceCarnival:Policy:Instructions", "The operator's."),
        ("VoiceCarnival:Policy:Tools", """[{"type":"function","name":"look"}]"""),
        ("VoiceCarnival:Policy:MaxOutputTokens", "500"),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ChangedFields_AreSetBack(bool isReported)
    {
        await using var gateway = await CallGateway.StartAsync(Policy);
        string secret = await gateway.MintAsync();
        var call = await StartAsync(gateway, isReported ? secret : null);
        await using var listener = await ListenAsync(gateway, call.Id);
        await call.DataChannelAsync(Mine);
        await gateway.Service.WaitUntilAsync(() => Instructions(call) == "The operator's.");
        Assert.Equal("look", (string?)call.Session!["tools"]![0]!["name"]);
        var error = await listener.WaitForAsync("error");
        Assert.Equal(("policy_violation", "session.instructions"), (error.Text("error.code"), error.Text("error.param")));
        Assert.False(call.Ended.IsCompleted);
        Assert.Contains("policy_violation", await gateway.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AllowedFields_AreLeftAlone_AndSoIsWhatABackendSetsThroughThisServer()
    {
        await using var gateway = await CallGateway.StartAsync(Policy);
        var call = await StartAsync(gateway);
        await using var backend = await ListenAsync(gateway, call.Id);
        await call.DataChannelAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":1.2}}}}""");
        await backend.WaitForAsync("session.updated");
        await backend.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"The backend's."}}""");
        await backend.WaitForAsync("session.updated");
        await call.DataChannelAsync(Mine);
        await gateway.Service.WaitUntilAsync(() => Instructions(call) == "The backend's.");
        Assert.Equal(2, call.Received.Count); // the backend's own, and one to set back what the caller did
    }

    [Fact]
    public async Task AnswerUnderTheCallersOwnLimits_IsCancelled()
    {
        await using var gateway = await CallGateway.StartAsync(Policy);
        var call = await StartAsync(gateway);
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        await call.SayAsync("""{"type":"response.created","event_id":"event_1","response":{"object":"realtime.response","id":"resp_9","status":"in_progress","max_output_tokens":"inf","output":[]}}""");
        await gateway.Service.WaitUntilAsync(() => call.Received.Count == 1);
        Assert.Equal(("response.cancel", "resp_9"), (call.Received[0].GetProperty("type").GetString(), call.Received[0].GetProperty("response_id").GetString()));
    }

    [Fact]
    public async Task CallerWhoGoesOn_IsHungUp()
    {
        await using var gateway = await CallGateway.StartAsync(Policy);
        var call = await StartAsync(gateway);
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        var session = gateway.Services.GetRequiredService<CallDirectory>().Find(call.Id)!.Session!;
        for (int i = 0; !call.Ended.IsCompleted && i < 100; i++)
        {
            await call.DataChannelAsync(Mine);
            await gateway.Service.WaitUntilAsync(() => Instructions(call) == "The operator's." || call.Ended.IsCompleted);
        }

        var termination = await session.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((TerminationKind.Operator, "policy_violation"), (termination.Kind, termination.Error?.Code));
        await gateway.Service.WaitForAsync("hangup");
        Assert.InRange(call.Received.Count, 5, 6);
    }

    [Fact]
    public async Task ModelInTheQuery_IsHeldToTheListToo()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Policy:AllowedModels:0", "gpt-realtime-2.1"));
        using var content = new StringContent(CallGateway.Offer);
        content.Headers.ContentType = new("application/sdp");
        await Gateway.ErrorOf(await gateway.Client.PostAsync("/v1/realtime/calls?model=gpt-dear", content), System.Net.HttpStatusCode.Forbidden);
        Assert.Empty(gateway.Service.Requests);
    }

    [Fact]
    public async Task SecondVoiceCarnivalAsTheService_ChangedFieldsAreSetBackThere()
    {
        await using var service = new Gateway([("VoiceCarnival:Engine", "local")], localEngine: true);
        await using var gateway = new Gateway(
            [("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "/v1").ToString()), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"), ("VoiceCarnival:OpenAI:Voice", "alloy"), .. Policy],
            localEngine: true);
        using var peer = new RtcPeer();
        await peer.CallAsync(gateway.Client);
        await using var listener = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + peer.Location.Split('/')[^1]);
        Assert.Equal("The operator's.", (await listener.WaitForAsync("session.created")).Text("session.instructions"));

        peer.Send(Mine);
        Assert.Equal("Mine.", (await listener.WaitForAsync("session.updated")).Text("session.instructions"));
        await listener.WaitForAsync("error");
        var back = await listener.WaitForAsync("session.updated");
        Assert.Equal("The operator's.", back.Text("session.instructions"));
        Assert.Equal("look", back.Find("session.tools")[0].GetProperty("name").GetString());

        for (int i = 0; i < 6; i++)
            peer.Send(Mine);
        Assert.Equal("policy_violation", (await listener.WaitForAsync("error", e => e.Text("error.message")!.Contains("ended", StringComparison.Ordinal))).Text("error.code"));
        await peer.Closed.WaitAsync(TimeSpan.FromSeconds(20));
        await listener.WaitForCloseAsync();
    }

    private static async Task<FakeCall> StartAsync(CallGateway gateway, string? reportWith = null)
    {
        if (reportWith is null)
            return gateway.Service.Call(await gateway.StartCallAsync());
        // As the secret would have started it.
        var call = gateway.Service.StartCall(JsonSerializer.Deserialize<System.Text.Json.Nodes.JsonObject>((await gateway.Service.WaitForAsync("client_secrets")).Json));
        using var reported = await gateway.PostAsync("/api/calls", $$"""{"call_id":"{{call.Id}}"}""", reportWith);
        Assert.True(reported.IsSuccessStatusCode);
        return call;
    }

    private static async Task<RealtimeTestClient> ListenAsync(CallGateway gateway, string id)
    {
        await gateway.Service.WaitUntilAsync(() => gateway.Service.Call(id).Sidebands == 1);
        var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + id, bearer: CallGateway.BackendKey);
        await client.WaitForAsync("session.created");
        return client;
    }

    private static string? Instructions(FakeCall call) => (string?)call.Session!["instructions"];
}
