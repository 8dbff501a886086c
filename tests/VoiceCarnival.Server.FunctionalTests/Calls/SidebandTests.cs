using System.Net;
using System.Net.WebSockets;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Testing.OpenAI;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.Calls;

/// <summary>Listening in on a call by its id, <c>GET /v1/realtime?call_id=…</c>.</summary>
public sealed class SidebandTests
{
    [Fact]
    public async Task Sideband_GetsTheStateFirst_ThenEveryEvent_ButNoAudio()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = await AttachedAsync(gateway, """{"type":"realtime","instructions":"Be brief."}""");
        await using var first = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id);
        await using var second = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id + "&model=ignored", subprotocols: ["realtime"]);
        Assert.Equal("realtime", second.SubProtocol);
        foreach (var client in new[] { first, second })
            Assert.Equal("Be brief.", (await client.ExpectAsync("session.created")).Text("session.instructions"));

        await call.SayAsync("""{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"AAAA"}""");
        await call.SayAsync("""{"type":"input_audio_buffer.dtmf_event_received","event":"5","received_at":1763510410}""");
        foreach (var client in new[] { first, second })
            Assert.Equal("5", (await client.ExpectAsync("input_audio_buffer.dtmf_event_received")).Text("event"));
        first.AssertNoProblems();
    }

    [Fact]
    public async Task WhatASidebandAsks_IsAnsweredToAll_WhatIsRefusedHere_ToItAlone()
    {
        await using var gateway = await CallGateway.StartAsync(("VoiceCarnival:Policy:AllowedFields:0", "instructions"));
        var call = await AttachedAsync(gateway);
        await using var stranger = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id);
        await using var backend = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id, bearer: CallGateway.BackendKey);
        await stranger.ExpectAsync("session.created");
        await backend.ExpectAsync("session.created");

        await stranger.SendAsync("""{"event_id":"mine","type":"session.update","session":{"type":"realtime","tools":[]}}""");
        var refused = await stranger.ExpectAsync("error");
        Assert.Equal(("policy_violation", "mine"), (refused.Text("error.code"), refused.Text("error.event_id")));
        await backend.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"New."}}""");
        Assert.Equal("New.", (await backend.ExpectAsync("session.updated")).Text("session.instructions"));
        Assert.Equal("New.", (await stranger.ExpectAsync("session.updated")).Text("session.instructions"));
        await backend.SendAsync("""{"event_id":"his","type":"conversation.item.retrieve","item_id":"item_no"}""");
        Assert.Equal("his", (await backend.ExpectAsync("error")).Text("error.event_id"));
        Assert.Equal("his", (await stranger.ExpectAsync("error")).Text("error.event_id"));
    }

    [Fact]
    public async Task SidebandsEnd_TheCallDoesNot_TheCallEnds_SidebandsDo()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = await AttachedAsync(gateway);
        var session = gateway.Services.GetRequiredService<CallDirectory>().Find(call.Id)!.Session!;
        await using (var gone = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id))
            await gone.ExpectAsync("session.created");
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id);
        await client.ExpectAsync("session.created");
        await client.SendAsync("this is not JSON");
        await client.SendAsync("""{"type":"response.create"}""");
        await client.WaitForAsync("response.done");
        Assert.False(session.Ended.IsCompleted);
        await call.EndAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await client.WaitForCloseAsync());
        Assert.Equal(1, session.Statistics.Turns);
    }

    [Fact]
    public async Task OnlyOperatorsAndTheCallsOwnSecret_MayListenIn()
    {
        await using var gateway = await CallGateway.StartAsync();
        string mine = await gateway.MintAsync();
        string other = await gateway.MintAsync();
        string id = await gateway.StartCallAsync(bearer: mine);
        await using var own = await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + id, subprotocols: ["realtime", "openai-insecure-api-key." + mine]);
        await own.ExpectAsync("session.created");
        var refused = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + id, bearer: other));
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
    }

    [Fact]
    public async Task Sidebands_AreBounded()
    {
        await using var gateway = await CallGateway.StartAsync();
        var call = await AttachedAsync(gateway);
        var clients = new List<RealtimeTestClient>();
        for (int i = 0; i < VoiceSession.MostSidebands; i++)
        {
            clients.Add(await RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id));
            await clients[^1].ExpectAsync("session.created");
        }

        var refused = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, "call_id=" + call.Id));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    private static async Task<FakeCall> AttachedAsync(CallGateway gateway, string? session = null)
    {
        var call = gateway.Service.Call(await gateway.StartCallAsync(session, CallGateway.BackendKey));
        await gateway.Service.WaitUntilAsync(() => call.Sidebands == 1);
        return call;
    }
}
