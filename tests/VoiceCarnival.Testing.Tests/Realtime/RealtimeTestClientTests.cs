using System.Net;
using System.Net.WebSockets;
using System.Text;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;
using Xunit;

namespace VoiceCarnival.Testing.Tests.Realtime;

public sealed class RealtimeTestClientTests
{
    private const string Deleted = """{"event_id":"e1","type":"conversation.item.deleted","item_id":"item_1"}""";
    private const string Cleared = """{"event_id":"e2","type":"input_audio_buffer.cleared"}""";
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Handshake_CarriesQueryTokenAndSubprotocols()
    {
        await using var server = await ScriptedServer.StartAsync(Echo, "realtime");
        await using var client = await RealtimeTestClient.ConnectAsync(
            server.Address, "model=wheel", "secret", ["realtime", RealtimeTestClient.BinaryAudio], [new("X-Booth", "7")]);

        Assert.Equal("realtime", client.SubProtocol);
        Assert.Equal("wheel", server.Request!.Query["model"]);
        Assert.Equal("Bearer secret", server.Request.Headers.Authorization);
        Assert.Equal("7", server.Request.Headers["X-Booth"]);
        Assert.Equal("realtime, voicecarnival.pcm16", server.Request.Headers.SecWebSocketProtocol.ToString().Replace(",v", ", v", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RefusedHandshake_TellsTheStatus()
    {
        await using var server = await ScriptedServer.StartAsync(Echo);

        var refusal = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(server.Address, "?model=forbidden"));

        Assert.Equal(HttpStatusCode.Forbidden, refusal.Status);
    }

    [Fact]
    public async Task ExpectedEvent_IsReceived()
    {
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);

        await client.SendAsync(Deleted);
        await client.SendAsync(new { event_id = "e2", type = "input_audio_buffer.cleared" });

        var deleted = await client.ExpectAsync("conversation.item.deleted");
        Assert.Equal("item_1", deleted.Text("item_id"));
        Assert.Null(deleted.Text("item.id"));
        await client.ExpectAsync("input_audio_buffer.cleared");
        await client.ExpectNothingAsync(TimeSpan.FromMilliseconds(50));
        client.AssertNoProblems();
    }

    [Fact]
    public async Task OtherEvent_FailsWithTheTranscript()
    {
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.SendAsync(Deleted);

        var failure = await Assert.ThrowsAsync<RealtimeTestException>(() => client.ExpectAsync("response.done"));

        Assert.StartsWith("Expected response.done, but conversation.item.deleted came.", failure.Message, StringComparison.Ordinal);
        Assert.Contains("  > +", failure.Message, StringComparison.Ordinal);
        Assert.Contains("  < +", failure.Message, StringComparison.Ordinal);
        Assert.Contains("item_1", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitingForAnEvent_PassesOthersButKeepsThem()
    {
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.SendAsync(Deleted);
        await client.SendAsync(Cleared);

        await client.WaitForAsync("input_audio_buffer.cleared");

        Assert.Equal(["conversation.item.deleted", "input_audio_buffer.cleared"], client.Events.Select(received => received.Type));
    }

    [Fact]
    public async Task NothingInTime_Fails()
    {
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);

        var failure = await Assert.ThrowsAsync<RealtimeTestException>(() => client.ExpectAsync("response.done", Soon));

        Assert.Contains("nothing more came in time", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventThatBreaksTheSchema_Fails()
    {
        Assert.SkipUnless(RealtimeSchema.IsAvailable, "OpenAI's schemas are not here.");
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        string broken = Deleted.Replace("\"item_1\"", "7", StringComparison.Ordinal);
        await client.SendAsync(broken);

        var failure = await Assert.ThrowsAsync<RealtimeTestException>(() => client.ReceiveAsync());

        Assert.Contains("conversation.item.deleted item_id: must be string, but is 7", failure.Message, StringComparison.Ordinal);
        Assert.Throws<RealtimeTestException>(client.AssertNoProblems);
        client.CheckSchema = false;
        await client.SendAsync(broken);
        await client.ExpectAsync("conversation.item.deleted");
    }

    [Fact]
    public async Task TextThatIsNoJson_Fails()
    {
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.SendAsync("hello");

        var failure = await Assert.ThrowsAsync<RealtimeTestException>(() => client.ReceiveAsync());

        Assert.Contains("not JSON", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatCloses_IsKnownByCodeAndReason()
    {
        await using var server = await ScriptedServer.StartAsync(
            socket => socket.CloseAsync((WebSocketCloseStatus)4000, "invalid_request_error.missing_model", CancellationToken.None));
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);

        Assert.Equal(4000, (int)(await client.WaitForCloseAsync())!);
        Assert.Equal("invalid_request_error.missing_model", client.CloseReason);
        var failure = await Assert.ThrowsAsync<RealtimeTestException>(() => client.ExpectAsync("session.created"));
        Assert.Contains("closed with 4000 'invalid_request_error.missing_model'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BrokenConnection_HasNoCloseStatus()
    {
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.ReceiveAsync(socket);
            socket.Abort();
        });
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.SendAsync(Cleared);

        Assert.Null(await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task Closing_SendsTheCodeAndWaits()
    {
        var closed = new TaskCompletionSource<(int?, string?)>();
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await Echo(socket);
            closed.SetResult(((int?)socket.CloseStatus, socket.CloseStatusDescription));
        });
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);

        await client.CloseAsync();

        Assert.Equal((1000, "OK"), await closed.Task.WaitAsync(RealtimeTestClient.DefaultTimeout));
    }

    [Fact]
    public async Task AudioWithoutTheBinarySubprotocol_GoesAsBase64()
    {
        var received = new TaskCompletionSource<string>();
        await using var server = await ScriptedServer.StartAsync(
            async socket => received.SetResult(Encoding.UTF8.GetString((await ScriptedServer.ReceiveAsync(socket)).Bytes)), "realtime");
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address, subprotocols: ["realtime"]);

        await client.SendAudioAsync((short[])[1, 2]);

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"AQACAA=="}""", await received.Task.WaitAsync(RealtimeTestClient.DefaultTimeout));
    }

    [Fact]
    public async Task StreamedAudioWithTheBinarySubprotocol_GoesInFramesOf20Milliseconds()
    {
        var received = new TaskCompletionSource<List<int>>();
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                var lengths = new List<int>();
                while ((await ScriptedServer.ReceiveAsync(socket)) is { Type: WebSocketMessageType.Binary } frame)
                {
                    lengths.Add(frame.Bytes.Length);
                }

                received.SetResult(lengths);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            },
            RealtimeTestClient.BinaryAudio);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address, subprotocols: [RealtimeTestClient.BinaryAudio]);

        await client.StreamAudioAsync(new short[1000], speed: double.PositiveInfinity);
        await client.CloseAsync();

        Assert.Equal([960, 960, 80], await received.Task.WaitAsync(RealtimeTestClient.DefaultTimeout));
    }

    [Fact]
    public async Task AudioDeltas_AreCollectedPerItem()
    {
        short[] tone = Tone.Sine(440, TimeSpan.FromMilliseconds(100));
        await using var server = await ScriptedServer.StartAsync(Echo);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);

        foreach (short[] part in tone.Chunk(700))
        {
            await client.SendAsync(new
            {
                event_id = $"e{part[0]}",
                type = "response.output_audio.delta",
                response_id = "r1",
                item_id = "i1",
                output_index = 0,
                content_index = 0,
                delta = Convert.ToBase64String(Tone.ToBytes(part)),
            });
        }

        await client.SendAsync(Cleared);
        await client.WaitForAsync("input_audio_buffer.cleared");

        var audio = Assert.Single(client.Audio);
        Assert.Equal(("i1", "r1", 4), (audio.ItemId, audio.ResponseId, audio.Pieces));
        Assert.Equal(tone, audio.Samples);
    }

    [Fact]
    public async Task BinaryFrames_AreCollectedPerItemAndALostOneIsNoticed()
    {
        await using var server = await ScriptedServer.StartAsync(
            async socket =>
            {
                await SendFrameAsync(socket, new(7, 0, 0), 480);
                await ScriptedServer.SendAsync(socket, """{"type":"voicecarnival.audio_item","ordinal":7,"item_id":"i1","response_id":"r1"}""");
                await SendFrameAsync(socket, new(7, 0, 0), 480);
                await SendFrameAsync(socket, new(7, 0, 480), 480);
                await SendFrameAsync(socket, new(7, 0, 1440), 480);
                await ScriptedServer.SendAsync(socket, Cleared);
                await Echo(socket);
            },
            RealtimeTestClient.BinaryAudio);
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address, subprotocols: ["realtime", RealtimeTestClient.BinaryAudio]);

        await client.WaitForAsync("input_audio_buffer.cleared");

        Assert.Equal(1440, Assert.Single(client.Audio).SampleCount);
        Assert.Equal(
            [
                "A binary frame came for ordinal 7 before its voicecarnival.audio_item.",
                "i1: a frame starts at sample 1440, but 960 is next.",
            ],
            client.Problems);
    }

    private static Task SendFrameAsync(WebSocket socket, AudioFrameHeader header, int samples)
    {
        byte[] frame = new byte[AudioFrameHeader.Length + (2 * samples)];
        header.Write(frame);
        return socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
    }

    private static async Task Echo(WebSocket socket)
    {
        while ((await ScriptedServer.ReceiveAsync(socket)) is { Type: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(message.Bytes, message.Type, endOfMessage: true, CancellationToken.None);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }
}
