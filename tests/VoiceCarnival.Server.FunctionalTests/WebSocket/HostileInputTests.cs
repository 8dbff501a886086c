using System.Net.WebSockets;
using System.Text;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Bad input gets a clear error, the session goes on where the protocol says so, and nobody else notices.</summary>
public abstract class HostileInputTests(TalkingGateway gateway)
{
    [Theory]
    [InlineData("", "invalid_event", null)]
    [InlineData("{", "invalid_event", null)]
    [InlineData("[]", "invalid_event", null)]
    [InlineData("null", "invalid_event", null)]
    [InlineData("\"session.update\"", "invalid_event", null)]
    [InlineData("{}", "invalid_event", null)]
    [InlineData("""{"type":5}""", "invalid_event", null)]
    [InlineData("""{"type":"nope","event_id":"e1"}""", "invalid_value", "e1")]
    [InlineData("""{"type":"input_audio_buffer.append","event_id":"e2"}""", "missing_required_parameter", "e2")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"not base64!","event_id":"e3"}""", "invalid_value", "e3")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":7,"event_id":"e4"}""", "invalid_type", "e4")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"AAAA","extra":1}""", "unknown_parameter", null)]
    [InlineData("""{"type":"session.update","event_id":"e5"}""", "missing_required_parameter", "e5")]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":1e999}}}}}""", null, null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","threshold":NaN}}}}}""", "invalid_event", null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","audio":{"output":{"speed":9}}}}""", null, null)]
    [InlineData("""{"type":"session.update","session":{"type":"realtime","bogus":1}}""", "unknown_parameter", null)]
    [InlineData("""{"type":"conversation.item.truncate","item_id":"x","content_index":0,"audio_end_ms":10.5}""", null, null)]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"\ud800"}]}}""", null, null)]
    [InlineData("""{"type":"response.cancel"}""", "response_cancel_not_active", null)]
    [InlineData("""{"type":"input_audio_buffer.commit"}""", "input_audio_buffer_commit_empty", null)]
    [InlineData("""{"type":"output_audio_buffer.clear"}""", "invalid_event", null)]
    public async Task BadEvent_IsAnsweredWithAnError_AndTheSessionGoesOn(string message, string? code, string? eventId)
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        await client.SendAsync(message);
        var error = await client.ExpectAsync("error");
        if (code is not null)
            Assert.Equal(code, error.Text("error.code"));
        Assert.Equal(eventId, error.Text("error.event_id"));
        Assert.NotEqual(0, error.Text("error.message")!.Length);
        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await client.ExpectAsync("input_audio_buffer.cleared");
        client.AssertNoProblems();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NothingButNonsense_IsToldOftenEnough_ThenTheSessionEnds(bool isBinary)
    {
        await using var strict = gateway.With(("VoiceCarnival:Limits:MaxRefusedEventsPerSecond", "5"));
        await using var client = await RealtimeTestClient.ConnectAsync(strict.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        try
        {
            for (int i = 0; i < 10_000 && client.CloseStatus is null; i++)
            {
                if (isBinary)
                    await client.SendAudioAsync(new byte[2], binary: true);
                else
                    await client.SendAsync("{}");
            }
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            // It is closed by now.
        }

        Assert.Equal((WebSocketCloseStatus)4000, await client.WaitForCloseAsync());
        Assert.Equal("rate_limit_error.too_many_refused_events", client.CloseReason);
        var errors = client.Events.Where(e => e.Type == "error").ToList();
        Assert.True(errors.Count > 50, $"only {errors.Count} were told");
        Assert.Equal("too_many_refused_events", errors[^1].Text("error.code"));
        client.AssertNoProblems();
    }

    [Fact]
    public async Task BinaryWithoutTheSubprotocol_IsAnErrorEvent()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        await client.SendAudioAsync(new byte[960], binary: true);
        Assert.Contains("voicecarnival.pcm16", (await client.ExpectAsync("error")).Text("error.message"), StringComparison.Ordinal);
        await client.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await client.ExpectAsync("input_audio_buffer.cleared");
    }

    [Fact]
    public async Task OversizedMessage_IsClosedWith1009()
    {
        await using var small = gateway.With(("VoiceCarnival:WebSocket:MaxMessageKilobytes", "64"));
        await using var client = await RealtimeTestClient.ConnectAsync(small.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        await client.SendAsync(new string(' ', 100_000));
        Assert.Equal("message_too_big", (await client.ExpectAsync("error")).Text("error.code"));
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task AppendOf15MiB_IsTaken()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        await client.SendAsync("""{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""");
        await client.ExpectAsync("session.updated");
        await client.SendAudioAsync(new byte[14_000_000], binary: false);
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        await client.ExpectAsync("input_audio_buffer.committed");
    }

    [Fact]
    public async Task TextThatIsNotUtf8_ClosesOnlyThatLine()
    {
        await using var other = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await other.ExpectAsync("session.created");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, CancellationToken.None);
        await socket.SendAsync(new byte[] { 0x7B, 0xFF, 0xFE, 0x7D }, WebSocketMessageType.Text, true, CancellationToken.None);
        await DrainUntilClosedAsync(socket);
        await other.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await other.ExpectAsync("input_audio_buffer.cleared");
    }

    [Fact]
    public async Task ReaderThatNeverReads_CostsBoundedMemory_AndIsGivenUp()
    {
        await using var small = gateway.With(("VoiceCarnival:WebSocket:OutputHardLimitKilobytes", "128"), ("VoiceCarnival:WebSocket:OutputSoftLimitKilobytes", "32"), ("VoiceCarnival:WebSocket:WriteTimeoutSeconds", "1"));
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(small.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, CancellationToken.None);
        // Each of these is answered with a full session object; nothing of it is read.
        var update = Encoding.UTF8.GetBytes("""{"type":"session.update","session":{"type":"realtime","instructions":"<>"}}""".Replace("<>", new string('x', 20_000), StringComparison.Ordinal));
        bool gone = false;
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (!gone && waited.Elapsed < TimeSpan.FromSeconds(30))
        {
            try
            {
                await socket.SendAsync(update, WebSocketMessageType.Text, true, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(10));
            }
            catch (Exception exception) when (exception is WebSocketException or TimeoutException or IOException)
            {
                gone = true;
            }
        }

        Assert.True(gone, "the server kept a reader that never reads");
    }

    [Fact]
    public async Task HalfOpenLine_WithoutExtensions_EndsTheSession()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime"]);
        await client.ExpectAsync("session.created");
        client.Abort();
        await using var next = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime"]);
        await next.ExpectAsync("session.created");
        await next.SendAudioAsync(Tone.Silence(TimeSpan.FromMilliseconds(20)));
    }

    private static async Task DrainUntilClosedAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16_384];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), limit.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // a reset is as good as a close here
        }
    }
}

public sealed class LocalHostileInputTests(LocalGateway gateway) : HostileInputTests(gateway), IClassFixture<LocalGateway>;

public sealed class RelayedHostileInputTests(RelayedGateway gateway) : HostileInputTests(gateway), IClassFixture<RelayedGateway>;
