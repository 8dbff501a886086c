using System.Net.WebSockets;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The line to the service breaks or its session ages; the caller keeps the conversation and sees no error.</summary>
public sealed class RelayRecoveryTests
{
    private static readonly string[] Binary = ["realtime", "voicecarnival.pcm16"];

    [Fact]
    public async Task BrokenBetweenTurns_ItemsAndIdsStay()
    {
        await using var gateway = new RelayedGateway();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        string session = (await client.ExpectAsync("session.created")).Text("session.id")!;
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"Be brief.","output_modalities":["text"]}}""");
        await client.WaitForAsync("session.updated");
        await client.SendAsync("""{"type":"conversation.item.create","item":{"id":"kept","type":"message","role":"user","content":[{"type":"input_text","text":"remember me"}]}}""");
        await client.WaitForAsync("conversation.item.done");

        gateway.Line.Cut();

        Assert.Equal(session, (await client.WaitForAsync("voicecarnival.session.resumed")).Text("session_id"));
        await client.SendAsync("""{"type":"conversation.item.retrieve","item_id":"kept"}""");
        Assert.Equal("remember me", (await client.WaitForAsync("conversation.item.retrieved")).Find("item.content")[0].GetProperty("text").GetString());
        await client.SendAsync("""{"type":"response.create"}""");
        Assert.Equal("remember me", (await client.WaitForAsync("response.output_text.done")).Text("text"));
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime"}}""");
        var updated = await client.WaitForAsync("session.updated");
        Assert.Equal(session, updated.Text("session.id"));
        Assert.Equal("Be brief.", updated.Text("session.instructions"));
        Assert.Equal(2, gateway.Line.Accepted);
        AssertUnharmed(client);
    }

    [Fact]
    public async Task BrokenInMidAnswer_TheAnswerEndsIncomplete_AndIsGivenAgain()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:Local:OutputSpeed", "1"), ("VoiceCarnival:Local:OutputLeadMs", "100"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        string first = (await client.WaitForAsync("response.created")).Text("response.id")!;
        await client.WaitForAsync("voicecarnival.audio_item");

        gateway.Line.Cut();

        var cut = await client.WaitForAsync("response.done");
        Assert.Equal((first, "incomplete"), (cut.Text("response.id"), cut.Text("response.status")));
        await client.WaitForAsync("voicecarnival.session.resumed");
        var again = await client.WaitForAsync("response.done");
        Assert.NotEqual(first, again.Text("response.id"));
        Assert.Equal("completed", again.Text("response.status"));
        AssertUnharmed(client);
    }

    [Fact]
    public async Task BrokenWhileTheCallerSpeaks_TheTurnIsHeard_UnderItsOldId()
    {
        await using var gateway = new RelayedGateway();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.ExpectAsync("session.created");
        await client.StreamAudioAsync(Speech.Hello.AsMemory(0, 24 * 1200), speed: 1);
        string item = (await client.WaitForAsync("input_audio_buffer.speech_started")).Text("item_id")!;
        // From here on the relay knows of the turn and keeps it, too.
        await client.StreamAudioAsync(Speech.Hello.AsMemory(24 * 1200, 24 * 500), speed: 1);

        gateway.Line.Cut();

        await client.WaitForAsync("voicecarnival.session.resumed");
        await client.StreamAudioAsync(Tone.Silence(TimeSpan.FromSeconds(1)), speed: 4);
        var stopped = await client.WaitForAsync("input_audio_buffer.speech_stopped");
        Assert.Equal(item, stopped.Text("item_id"));
        Assert.True(int.Parse(stopped.Text("audio_end_ms")!, System.Globalization.CultureInfo.InvariantCulture) >= 850);
        Assert.Equal(item, (await client.WaitForAsync("input_audio_buffer.committed")).Text("item_id"));
        Assert.Equal("completed", (await client.WaitForAsync("response.done")).Text("response.status"));
        var (_, correlation) = AudioCheck.Find(Speech.Hello.AsSpan(24 * 1300, 24 * 300), client.Audio[^1].Samples);
        Assert.True(correlation > 0.99, $"correlation {correlation:F3}");
        Assert.Single(client.Events, e => e.Type == "input_audio_buffer.speech_started");
        AssertUnharmed(client);
    }

    [Fact]
    public async Task BrokenBeforeSpeechIsAnnounced_TheTurnIsHeardFromItsBeginning()
    {
        await using var gateway = new RelayedGateway();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.ExpectAsync("session.created");
        await client.StreamAudioAsync(Speech.Hello.AsMemory(0, 24 * 640), speed: 1);

        gateway.Line.Cut();

        await client.WaitForAsync("voicecarnival.session.resumed");
        await client.StreamAudioAsync(Speech.HelloAndSilence.AsMemory(24 * 640), speed: 4);
        await client.WaitForAsync("response.done");
        AssertHeardFromTheBeginning(client);
        AssertUnharmed(client);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HalfOpenWhileTheCallerSpeaks_WhatWasSaidToNobodyIsHeard(bool isBinary)
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:OpenAI:PongTimeoutSeconds", "3"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: isBinary ? Binary : ["realtime"]);
        await client.ExpectAsync("session.created");
        await client.StreamAudioAsync(Tone.Silence(TimeSpan.FromSeconds(0.5)), speed: 1);

        gateway.Line.Stall();

        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 1);
        if (isBinary)
            Assert.Equal("0", (await client.WaitForAsync("voicecarnival.session.resumed")).Text("dropped_audio_ms"));
        Assert.Equal("completed", (await client.WaitForAsync("response.done")).Text("response.status"));
        AssertHeardFromTheBeginning(client);
        Assert.True(gateway.Line.Accepted >= 2, "the line was not given up"); // a busy machine may lose another
        AssertUnharmed(client);
    }

    [Fact]
    public async Task HalfOpenAfterACommit_TheTurnIsCommittedAgainAndAnswered()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:OpenAI:PongTimeoutSeconds", "3"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""");
        await client.WaitForAsync("session.updated");
        await client.StreamAudioAsync(Speech.Hello.AsMemory(0, 24 * 600), speed: 8);

        gateway.Line.Stall();

        await client.StreamAudioAsync(Speech.Hello.AsMemory(24 * 600), speed: 8);
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        await client.SendAsync("""{"type":"response.create"}""");
        await client.WaitForAsync("voicecarnival.session.resumed");
        Assert.Equal("completed", (await client.WaitForAsync("response.done")).Text("response.status"));
        AssertHeardFromTheBeginning(client);
        Assert.Single(client.Events, e => e.Type == "input_audio_buffer.committed");
        AssertUnharmed(client);
    }

    [Fact]
    public async Task ServiceIsKilledInMidAnswer_AnotherGivesItAgain()
    {
        string script = Path.Combine(Path.GetTempPath(), $"script-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(script, """{"pace":{"speed":1,"lead_ms":0},"turns":[{"reply":[{"say":"A long note.","ms":60000}]}]}""");
        await using var killed = await ServerProcess.StartAsync(
            ("VoiceCarnival:Engine", "local"), ("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", script));
        await using var gateway = new RelayedGateway();
        int survivor = gateway.Line.Target;
        gateway.Line.Target = killed.Address.Port;
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        await client.WaitForAsync("voicecarnival.audio_item");

        gateway.Line.Target = survivor;
        await killed.KillAsync();
        File.Delete(script);

        Assert.Equal("incomplete", (await client.WaitForAsync("response.done")).Text("response.status"));
        Assert.Equal("0", (await client.WaitForAsync("voicecarnival.session.resumed")).Text("dropped_audio_ms"));
        Assert.Equal("completed", (await client.WaitForAsync("response.done")).Text("response.status"));
        AssertUnharmed(client);
    }

    [Fact]
    public async Task SlowAndUnevenLine_IsNotTakenForADeadOne()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:OpenAI:PongTimeoutSeconds", "3"));
        gateway.Line.JitterMilliseconds = 300;
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 1);
        Assert.Equal("completed", (await client.WaitForAsync("response.done", timeout: TimeSpan.FromSeconds(30))).Text("response.status"));
        AssertHeardFromTheBeginning(client);
        Assert.Equal(1, gateway.Line.Accepted);
        AssertUnharmed(client);
    }

    [Fact]
    public async Task SpokenWhileAway_IsHeldToTheBound_AndTheRestIsCounted()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:OpenAI:HeldAudioSeconds", "1"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.ExpectAsync("session.created");
        gateway.Line.IsDown = true;
        gateway.Line.Cut();
        await client.StreamAudioAsync(Tone.Silence(TimeSpan.FromSeconds(3)), speed: 8);
        gateway.Line.IsDown = false;
        var resumed = await client.WaitForAsync("voicecarnival.session.resumed");
        Assert.InRange(int.Parse(resumed.Text("dropped_audio_ms")!, System.Globalization.CultureInfo.InvariantCulture), 1000, 2100);
        AssertUnharmed(client);
    }

    [Fact]
    public async Task AgeLimitNears_ANewLineIsMadeFirst_AndNothingIsNoticed()
    {
        string script = Path.Combine(Path.GetTempPath(), $"script-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(script, """{"expire_after_ms":4000,"turns":[{"reply":[{"text":"one"}]},{"reply":[{"text":"two"}]}]}""");
        await using var gateway = new RelayedGateway(("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", script));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        string session = (await client.ExpectAsync("session.created")).Text("session.id")!;
        await client.WaitForAsync("voicecarnival.session.resumed");
        await client.WaitForAsync("voicecarnival.session.resumed");
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","output_modalities":["text"]}}""");
        Assert.Equal(session, (await client.WaitForAsync("session.updated")).Text("session.id"));
        AssertUnharmed(client);
        File.Delete(script);
    }

    [Fact]
    public async Task TruncationOfWhatWasSaidBeforeTheBreak_IsAnswered()
    {
        await using var gateway = new RelayedGateway();
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        var done = await client.WaitForAsync("response.done");
        string item = done.Find("response.output")[0].GetProperty("id").GetString()!;
        gateway.Line.Cut();
        await client.WaitForAsync("voicecarnival.session.resumed");
        await client.SendAsync(new { type = "conversation.item.truncate", item_id = item, content_index = 0, audio_end_ms = 300 });
        Assert.Equal("300", (await client.WaitForAsync("conversation.item.truncated")).Text("audio_end_ms"));
        AssertUnharmed(client);
    }

    [Fact]
    public async Task ServiceStaysAway_TheCallerIsToldOnceAndTheSessionEnds()
    {
        await using var gateway = new RelayedGateway(("VoiceCarnival:OpenAI:ReconnectSeconds", "1"));
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await client.ExpectAsync("session.created");
        gateway.Line.IsDown = true;
        gateway.Line.Cut();
        Assert.Equal("upstream_unreachable", (await client.WaitForAsync("error")).Text("error.code"));
        Assert.Equal(WebSocketCloseStatus.InternalServerError, await client.WaitForCloseAsync());
    }

    // The local engine says what it heard. The sentence begins half a second into the recording.
    private static void AssertHeardFromTheBeginning(RealtimeTestClient client)
    {
        var (_, correlation) = AudioCheck.Find(Speech.Hello.AsSpan(24 * 560, 24 * 250), client.Audio[^1].Samples);
        Assert.True(correlation > 0.99, $"correlation {correlation:F3}");
    }

    private static void AssertUnharmed(RealtimeTestClient client)
    {
        client.AssertNoProblems();
        Assert.DoesNotContain(client.Events, e => e.Type == "error");
        Assert.Empty(EventFlow.Violations(client.Events, complete: false));
    }
}
