using System.Net.WebSockets;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The main job over a real socket: speak and hear, type and read, interrupt. Every event is held against OpenAI's schemas by the client.</summary>
public abstract class ConversationTests(TalkingGateway gateway)
{
    private static readonly string[] Binary = ["realtime", "voicecarnival.pcm16"];
    private static readonly string[] Json = ["realtime"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SpokenTurn_ComesBackAsTheSameAudio(bool binary)
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: binary ? Binary : Json);
        Assert.Equal(binary ? "voicecarnival.pcm16" : "realtime", client.SubProtocol);
        await client.ExpectAsync("session.created");

        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 4);

        await client.WaitForAsync("input_audio_buffer.speech_started");
        await client.WaitForAsync("input_audio_buffer.speech_stopped");
        var done = await client.WaitForAsync("response.done");
        Assert.Equal("completed", done.Text("response.status"));
        var audio = Assert.Single(client.Audio);
        var (_, correlation) = AudioCheck.Find(audio.Samples.AsSpan(0, Math.Min(12_000, audio.Samples.Length)), Speech.HelloAndSilence);
        Assert.True(correlation > 0.99, $"correlation {correlation:F3}");
        client.AssertNoProblems();
        Assert.Empty(EventFlow.Violations(client.Events, complete: false));
    }

    [Fact]
    public async Task TypedTurn_IsAnsweredWithText()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Json);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"good morning"}]}}""");
        await client.SendAsync("""{"type":"response.create"}""");
        Assert.Equal("good morning", (await client.WaitForAsync("response.output_text.done")).Text("text"));
        await client.WaitForAsync("rate_limits.updated");
        client.AssertNoProblems();
        Assert.Empty(EventFlow.Violations(client.Events, complete: false));
    }

    [Fact]
    public async Task SpeechOverTheAnswer_CancelsIt()
    {
        await using var slow = gateway.With(("VoiceCarnival:Local:OutputSpeed", "1"), ("VoiceCarnival:Local:OutputLeadMs", "100"));
        await using var client = await RealtimeTestClient.ConnectAsync(slow.Address, subprotocols: Binary);
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        await client.WaitForAsync("response.content_part.added");
        await client.StreamAudioAsync(Speech.Hello, speed: 8);
        var done = await client.WaitForAsync("response.done");
        Assert.Equal("cancelled", done.Text("response.status"));
        Assert.Equal("turn_detected", done.Text("response.status_details.reason"));
        client.AssertNoProblems();
    }

    [Fact]
    public async Task PingAndPlayout_AreOurs_AndNeverReachTheEngine()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Binary);
        await client.WaitForAsync("voicecarnival.session.resume_token");
        await client.SendAsync("""{"type":"voicecarnival.ping","id":7}""");
        Assert.Equal("7", (await client.WaitForAsync("voicecarnival.pong")).Text("id"));
        await client.SendAsync("""{"type":"voicecarnival.playout","item_id":"item_x","content_index":0,"audio_played_ms":1e308}""");
        await client.ExpectNothingAsync(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task TranscriptionIntent_OpensATranscriptionSession()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "intent=transcription", subprotocols: Json);
        var created = await client.ExpectAsync("session.created");
        Assert.Equal("transcription", created.Text("session.type"));
        await client.StreamAudioAsync(Speech.HelloAndSilence, speed: 8);
        await client.WaitForAsync("conversation.item.done");
        await client.ExpectNothingAsync(TimeSpan.FromMilliseconds(200));
        client.AssertNoProblems();
    }

    [Fact]
    public async Task CallerCloses_CloseIsAnswered()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: Json);
        await client.ExpectAsync("session.created");
        await client.CloseAsync();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await client.WaitForCloseAsync());
    }
}

public sealed class LocalConversationTests(LocalGateway gateway) : ConversationTests(gateway), IClassFixture<LocalGateway>;

public sealed class RelayedConversationTests(RelayedGateway gateway) : ConversationTests(gateway), IClassFixture<RelayedGateway>;
