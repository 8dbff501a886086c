using System.Net.WebSockets;
using System.Text;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>A caller that does not read for a while, behind a relay whose service gives up sooner than we do.</summary>
public sealed class SlowCallerTests
{
    private const int Seconds = 600;
    private const string Question = """{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":"Go on."}]}}""";

    [Fact]
    public async Task CallerThatDoesNotRead_IsNotTakenForADeadService_AndLosesNothing()
    {
        string script = Path.Combine(Path.GetTempPath(), $"script-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(script, $$"""{"pace":{"speed":1000},"turns":[{"reply":[{"say":"A long note.","tone_hz":440,"ms":{{Seconds * 1000}}}]}]}""");
        await using var service = new Gateway(
            [
                ("VoiceCarnival:Engine", "local"), ("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", script),
                ("VoiceCarnival:WebSocket:WriteTimeoutSeconds", "8"),
            ], localEngine: true);
        await using var gateway = new Gateway(
            [
                ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "/v1").ToString()), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"),
                ("VoiceCarnival:OpenAI:Voice", "alloy"), ("VoiceCarnival:WebSocket:WriteTimeoutSeconds", "60"),
            ], localEngine: true);

        using var caller = await ConnectAsync(gateway);
        await SendAsync(caller, Question);
        await SendAsync(caller, """{"type":"response.create"}""");
        await Task.Delay(TimeSpan.FromSeconds(12)); // the service waits 8 for a reader

        // Another caller is served all the while.
        await using var other = await RealtimeTestClient.ConnectAsync(gateway.Address);
        await other.ExpectAsync("session.created");

        var (types, audio) = await ReadUntilDoneAsync(caller);
        Assert.DoesNotContain("voicecarnival.session.resumed", types);
        Assert.DoesNotContain("error", types);
        Assert.Equal(Seconds * 48_000, audio);
        File.Delete(script);
    }

    private static async Task<ClientWebSocket> ConnectAsync(Gateway gateway)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("voicecarnival.pcm16");
        socket.Options.AddSubProtocol("realtime");
        await socket.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, CancellationToken.None);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string json) => socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<(HashSet<string> Types, long AudioBytes)> ReadUntilDoneAsync(ClientWebSocket socket)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        long audio = 0;
        var buffer = new byte[256 * 1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
                length += received.Count;
            }
            while (!received.EndOfMessage);
            Assert.NotEqual(WebSocketMessageType.Close, received.MessageType);
            if (received.MessageType == WebSocketMessageType.Binary)
            {
                audio += length - 16;
                continue;
            }

            string type = System.Text.Json.JsonElement.Parse(buffer.AsSpan(0, length)).GetProperty("type").GetString()!;
            types.Add(type);
            if (type == "response.done")
                return (types, audio);
        }
    }
}
