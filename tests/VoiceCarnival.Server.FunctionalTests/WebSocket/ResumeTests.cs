using System.Net.WebSockets;
using System.Text.Json;
using VoiceCarnival.Testing.Net;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>A session outlives its line: the caller comes back with a single-use token and finds the conversation where it was.</summary>
public abstract class ResumeTests(TalkingGateway gateway)
{
    private static readonly string[] Ours = ["realtime", "voicecarnival.pcm16"];

    [Fact]
    public async Task LineBreaks_CallerComesBack_ConversationIsThere()
    {
        string itemId, token, sessionId;
        await using (var first = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Ours))
        {
            sessionId = (await first.ExpectAsync("session.created")).Text("session.id")!;
            token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
            await first.SendAsync("""{"type":"conversation.item.create","item":{"id":"kept","type":"message","role":"user","content":[{"type":"input_text","text":"remember me"}]}}""");
            itemId = (await first.WaitForAsync("conversation.item.done")).Text("item.id")!;
            first.Abort();
        }

        await using var second = await RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
        var resumed = await second.ExpectAsync("voicecarnival.session.resumed");
        Assert.Equal(sessionId, resumed.Text("session_id"));
        Assert.Equal("0", resumed.Text("dropped_audio_ms"));
        Assert.NotEqual(token, (await second.ExpectAsync("voicecarnival.session.resume_token")).Text("token"));
        await second.SendAsync(new { type = "conversation.item.retrieve", item_id = itemId });
        Assert.Equal("remember me", (await second.WaitForAsync("conversation.item.retrieved")).Find("item.content")[0].GetProperty("text").GetString());

        // The token was spent.
        await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours));
    }

    [Fact]
    public async Task LineBreaksAgainBeforeTheNewTokenIsThere_TheOldOneStillCounts()
    {
        string token;
        await using (var first = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Ours))
        {
            token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
            first.Abort();
        }

        for (int i = 0; i < 3; i++)
        {
            await using var weak = await RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
            weak.Abort();
        }

        await using var last = await RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
        await last.ExpectAsync("voicecarnival.session.resumed");
        await last.SendAsync("""{"type":"voicecarnival.ping","id":1}""");
        await last.WaitForAsync("voicecarnival.pong");
        await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours));
    }

    [Theory]
    [InlineData(1001, true)]
    [InlineData(4100, true)]
    [InlineData(1000, false)]
    [InlineData(4000, false)]
    public async Task OrderlyClose_KeepsTheSessionOnlyForACallerThatGoesAwayOrSaysItComesBack(int code, bool isKept)
    {
        string token, session;
        await using (var first = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Ours))
        {
            session = (await first.WaitForAsync("session.created")).Text("session.id")!;
            token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
            await first.CloseAsync((WebSocketCloseStatus)code);
            await first.WaitForCloseAsync();
        }

        // The close is answered before the session hears of it.
        while (!isKept && (await gateway.Client.GetStringAsync("/api/sessions")).Contains(session, StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);

        var comingBack = RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
        if (!isKept)
        {
            await Assert.ThrowsAsync<RealtimeHandshakeException>(() => comingBack);
            return;
        }

        await using var second = await comingBack;
        await second.ExpectAsync("voicecarnival.session.resumed");
    }

    [Fact]
    public async Task NewLineWhileTheOldOneStands_TakesOver()
    {
        await using var first = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Ours);
        string token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
        await using var second = await RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
        await second.ExpectAsync("voicecarnival.session.resumed");
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await first.WaitForCloseAsync());
        await second.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await second.WaitForAsync("input_audio_buffer.cleared");
    }

    [Fact]
    public async Task WhatComesLateOverTheReplacedLine_ChangesNothing()
    {
        // It never reads its close, so that it can go on speaking.
        using var first = new ClientWebSocket();
        foreach (string protocol in Ours)
            first.Options.AddSubProtocol(protocol);
        await first.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, CancellationToken.None);
        string? token = null;
        var buffer = new byte[64 * 1024];
        while (token is null)
        {
            var received = await first.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            var e = JsonElement.Parse(buffer.AsSpan(0, received.Count));
            token = e.TryGetProperty("token", out var found) ? found.GetString() : null;
        }

        await using var second = await RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
        await second.ExpectAsync("voicecarnival.session.resumed");
        await first.SendAsync("""{"type":"voicecarnival.hangup"}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await Task.Delay(200);
        await second.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await second.WaitForAsync("input_audio_buffer.cleared");
    }

    [Fact]
    public async Task AnswerUnderWayWhenTheLineBreaks_GoesOnWhereItWas()
    {
        await using var slow = gateway.With(("VoiceCarnival:Local:OutputSpeed", "1"), ("VoiceCarnival:Local:OutputLeadMs", "100"));
        long before;
        string token;
        await using (var first = await RealtimeTestClient.ConnectAsync(slow.Address, subprotocols: Ours))
        {
            token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
            await first.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
            await first.WaitForAsync("voicecarnival.audio_item");
            before = first.Audio.Sum(a => a.SampleCount);
            first.Abort();
        }

        await using var second = await RealtimeTestClient.ConnectAsync(slow.Address, "resume=" + token, subprotocols: Ours);
        await second.ExpectAsync("voicecarnival.session.resumed");
        var done = await second.WaitForAsync("response.done");
        Assert.Equal("completed", done.Text("response.status"));
        var rest = Assert.Single(second.Audio);
        Assert.InRange((long)rest.FirstOffset, 0, before); // no gap; what was uncertain is sent again
        Assert.True((long)rest.FirstOffset + rest.SampleCount > before);
        second.AssertNoProblems();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LineThatDiesSilentlyInMidAnswer_LosesNothingOfIt(bool isCutInTheEnd)
    {
        await using var server = gateway.With(("VoiceCarnival:Local:OutputSpeed", "2"), ("VoiceCarnival:Local:OutputLeadMs", "100"));
        await using var line = new BreakableLine(server.Address.Port);
        await using var first = await RealtimeTestClient.ConnectAsync(new UriBuilder(server.Address) { Port = line.Port }.Uri, subprotocols: Ours);
        string token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
        await first.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        await first.WaitForAsync("voicecarnival.audio_item");

        // 1. The rest of the answer goes to nowhere, its end included.
        line.Stall();
        long sent = -1;
        while (await SentAsync(server) is var now && now != sent)
        {
            sent = now;
            await Task.Delay(500);
        }

        if (isCutInTheEnd)
            line.Cut();
        await using var second = await RealtimeTestClient.ConnectAsync(server.Address, "resume=" + token, subprotocols: Ours);

        // 2. It comes again, each event under its id, and no sound is missing.
        Assert.Equal("0", (await second.ExpectAsync("voicecarnival.session.resumed")).Text("dropped_audio_ms"));
        Assert.NotEqual(token, (await second.ExpectAsync("voicecarnival.session.resume_token")).Text("token"));
        Assert.Equal("completed", (await second.WaitForAsync("response.done")).Text("response.status"));
        var all = first.Events.Concat(second.Events).DistinctBy(e => e.Text("event_id")).ToList();
        Assert.Single(all, e => e.Type == "response.done");
        Assert.Equal(all.Last(e => e.Type == "response.output_audio_transcript.done").Text("transcript"),
            string.Concat(all.Where(e => e.Type == "response.output_audio_transcript.delta").Select(e => e.Text("delta"))));
        short[] begun = [.. first.Audio.SelectMany(a => a.Samples)];
        var rest = Assert.Single(second.Audio);
        Assert.InRange((int)rest.FirstOffset, 0, begun.Length);
        Assert.Equal(begun[(int)rest.FirstOffset..], rest.Samples[..(begun.Length - (int)rest.FirstOffset)]);
        second.AssertNoProblems();
    }

    [Fact]
    public async Task WhatArrived_IsNotSentAgain()
    {
        await using var first = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Ours);
        string token = (await first.WaitForAsync("voicecarnival.session.resume_token")).Text("token")!;
        await first.SendAsync("""{"type":"input_audio_buffer.clear","event_id":"one"}""");
        await first.WaitForAsync("input_audio_buffer.cleared");

        // The server asks for the proof once a second at the latest, so that by its second answer the first has arrived.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        await using var second = await RealtimeTestClient.ConnectAsync(gateway.Address, "resume=" + token, subprotocols: Ours);
        await second.ExpectAsync("voicecarnival.session.resumed");
        await second.ExpectAsync("voicecarnival.session.resume_token");
        await second.SendAsync("""{"type":"voicecarnival.ping","id":"p"}""");
        await second.ExpectAsync("voicecarnival.pong");
    }

    private static async Task<long> SentAsync(TalkingGateway server) =>
        JsonElement.Parse(await server.Client.GetByteArrayAsync("/api/sessions")).GetProperty("sessions").EnumerateArray().Sum(s => s.GetProperty("bytes_out").GetInt64());

    [Fact]
    public async Task ServerStops_CallersAreToldToComeBack()
    {
        var stopping = gateway.With();
        await using var client = await RealtimeTestClient.ConnectAsync(stopping.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        await stopping.DisposeAsync();
        Assert.Equal((WebSocketCloseStatus)1012, await client.WaitForCloseAsync());
    }
}

public sealed class LocalResumeTests(LocalGateway gateway) : ResumeTests(gateway), IClassFixture<LocalGateway>;

public sealed class RelayedResumeTests(RelayedGateway gateway) : ResumeTests(gateway), IClassFixture<RelayedGateway>;
