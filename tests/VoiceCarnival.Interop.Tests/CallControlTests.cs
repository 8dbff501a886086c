using System.ClientModel;
using System.Text.Json;
using OpenAI.Realtime;
using VoiceCarnival.Testing.OpenAI;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Interop.Tests;

/// <summary>Official clients control calls through us: accept, reject, refer, hang up, the sideband, webhooks. Behind us is a stand-in for OpenAI that has calls.</summary>
public sealed class CallControlTests(Servers servers)
{
    private const string Wait = "VoiceCarnival:OpenAI:Calls:DefaultAction";

    [Fact]
    public async Task OpenAINode_AcceptsListensInRefersRejectsAndHangsUp()
    {
        await using var service = await FakeOpenAI.StartAsync();
        await using var server = await StartAsync(service, (Wait, "wait"));
        var answered = await RingAsync(service, server, "wh_1");
        var refused = await RingAsync(service, server, "wh_2");
        using var client = new NodeClient { Environment = { ["INTEROP_WEBHOOK_SECRET"] = FakeOpenAI.WebhookSecret } };
        var report = await client.RunAsync(new Uri(server.SecureAddress, "v1"), servers.Certificate, "calls.mjs", answered.Id, refused.Id, Webhook(server, answered));
        Assert.DoesNotContain(report, line => line.TryGetProperty("problem", out _));

        AssertStep(report, "webhook", ("type", "realtime.call.incoming"), ("call", answered.Id), ("from", "<sip:+1@x>"));
        AssertStep(report, "forged", ("error", "InvalidWebhookSignatureError"));
        AssertStep(report, "secret", ("instructions", "From the secret."));
        AssertStep(report, "twice", ("error", "BadRequestError"), ("code", "decision_already_made"));
        AssertStep(report, "sideband", ("first", "From the client."), ("then", "From the sideband."), ("status", "completed"));
        AssertStep(report, "nowhere", ("error", "BadRequestError"), ("param", "target_uri"));
        AssertStep(report, "gone", ("error", "NotFoundError"));

        Assert.Equal("tel:+14155550123", (await service.WaitForAsync("refer")).Json.GetProperty("target_uri").GetString());
        var rejected = await service.WaitForAsync("reject");
        Assert.Equal((refused.Id, 486), (rejected.CallId, rejected.Json.GetProperty("status_code").GetInt32()));
        Assert.Equal(answered.Id, (await service.WaitForAsync("hangup")).CallId);
        Assert.Equal("gpt-realtime-2.1", (await service.WaitForAsync("accept")).Json.GetProperty("model").GetString());
    }

    [Fact]
    public async Task AgentsSdk_IsTheSidebandOfAPhoneCall()
    {
        await using var service = await FakeOpenAI.StartAsync();
        await using var server = await StartAsync(service);
        var call = await RingAsync(service, server, "wh_1");
        await service.WaitUntilAsync(() => call.Sidebands == 1);
        using var client = new NodeClient();
        var report = await client.RunAsync(new Uri(server.Address, "v1"), servers.Certificate, "agents-sip.mjs", call.Id);
        Assert.DoesNotContain(report, line => line.TryGetProperty("problem", out _));
        AssertStep(report, "sideband", ("instructions", "From the agent."), ("status", "completed"));
        Assert.False(call.Ended.IsCompleted);
    }

    [Fact]
    public async Task OpenAIDotNet_IsTheSidebandOfACall_AndMintsForOne()
    {
        await using var service = await FakeOpenAI.StartAsync();
        await using var server = await StartAsync(service);
        var call = await RingAsync(service, server, "wh_1");
        await service.WaitUntilAsync(() => call.Sidebands == 1);
        var client = new RealtimeClient(new ApiKeyCredential("sk-any"), new RealtimeClientOptions { Endpoint = new Uri(server.Address, "v1") });
        using var session = await client.StartConversationSessionAsync("gpt-realtime-2.1", new RealtimeSessionClientOptions { QueryString = "call_id=" + call.Id });
        await using var inbox = new Inbox<RealtimeServerUpdate>(session.ReceiveUpdatesAsync, update => update.Kind.ToString());
        await inbox.UntilAsync<RealtimeServerUpdateSessionCreated>();
        await session.ConfigureConversationSessionAsync(new RealtimeConversationSessionOptions { Instructions = "From the sideband." });
        await inbox.UntilAsync<RealtimeServerUpdateSessionUpdated>();
        await session.StartResponseAsync();
        Assert.Equal(RealtimeResponseStatus.Completed, (await inbox.UntilAsync<RealtimeServerUpdateResponseDone>()).Response.Status);
        Assert.Equal("From the sideband.", (string?)call.Session!["instructions"]);

        CreateClientSecretResult secret = await client.CreateRealtimeClientSecretAsync(
            new CreateClientSecretOptions { SessionOptions = new RealtimeConversationSessionOptions { Instructions = "From the secret." } });
        Assert.StartsWith("ek_", secret.Value, StringComparison.Ordinal);
        Assert.Equal("From the secret.", (await service.WaitForAsync("client_secrets")).Json.GetProperty("instructions").GetString());
    }

    private Task<ServerProcess> StartAsync(FakeOpenAI service, params (string Key, string Value)[] settings) => ServerProcess.StartAsync(servers.Certificate,
    [
        ("VoiceCarnival:Engine", "openai"),
        ("VoiceCarnival:OpenAI:BaseUrl", service.BaseUrl),
        ("VoiceCarnival:OpenAI:ApiKey", FakeOpenAI.ApiKey),
        ("VoiceCarnival:OpenAI:WebhookSecret", FakeOpenAI.WebhookSecret),
        .. settings,
    ]);

    private static async Task<FakeCall> RingAsync(FakeOpenAI service, ServerProcess server, string id)
    {
        var call = service.Ring();
        using var http = new HttpClient();
        using var delivery = FakeOpenAI.Delivery(server.Address, FakeOpenAI.IncomingCall(call.Id, ("From", "<sip:+1@x>"), ("To", "<sip:+2@y>")), id);
        using var response = await http.SendAsync(delivery);
        Assert.True(response.IsSuccessStatusCode);

        // The delivery is answered before the call is worked on.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!(await http.GetStringAsync(new Uri(server.Address, "/api/sessions"), limit.Token)).Contains(call.Id, StringComparison.Ordinal))
            await Task.Yield();
        return call;
    }

    private static string Webhook(ServerProcess server, FakeCall call)
    {
        string body = FakeOpenAI.IncomingCall(call.Id, ("From", "<sip:+1@x>"));
        using var delivery = FakeOpenAI.Delivery(server.Address, body);
        return JsonSerializer.Serialize(new { body, headers = delivery.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.Ordinal) });
    }

    private static void AssertStep(IReadOnlyList<JsonElement> report, string step, params (string Name, string Value)[] expected)
    {
        var line = Assert.Single(report, line => line.TryGetProperty("step", out var name) && name.GetString() == step);
        Assert.Equal(expected, expected.Select(field => (field.Name, line.GetProperty(field.Name).GetString()!)));
    }
}
