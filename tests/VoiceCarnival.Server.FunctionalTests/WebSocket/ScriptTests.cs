using System.Net;
using System.Net.WebSockets;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>The script brain over a real socket, with the faults that other people's clients are to survive.</summary>
public abstract class ScriptTests(TalkingGateway gateway) : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"script-{Guid.NewGuid():N}.json");

    public void Dispose()
    {
        File.Delete(_file);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task RefusedConnect_Is429WithRetryAfter_ThenItWorks()
    {
        await using var server = Script("""{"connect":[{"status":429,"retry_after_ms":1500}],"turns":[{"reply":[{"text":"hi"}]}]}""");
        var refusal = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(server.Address));
        Assert.Equal(HttpStatusCode.TooManyRequests, refusal.Status);
        Assert.True(refusal.Headers!.ContainsKey("Retry-After"));
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.ExpectAsync("session.created");
    }

    [Fact]
    public async Task ToolCall_RoundTrip()
    {
        await using var server = Script("""{"turns":[{"reply":[{"say":"One moment.","ms":100},{"call":"get_time","arguments":{"zone":"UTC"}}]},{"reply":[{"text":"It is noon."}]}]}""");
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.SendAsync("""{"type":"response.create"}""");
        var call = await client.WaitForAsync("response.function_call_arguments.done");
        Assert.Equal("""{"zone":"UTC"}""", call.Text("arguments"));
        await client.WaitForAsync("response.done");
        await client.SendAsync(new { type = "conversation.item.create", item = new { type = "function_call_output", call_id = call.Text("call_id"), output = "12:00" } });
        await client.SendAsync("""{"type":"response.create"}""");
        Assert.Equal("It is noon.", (await client.WaitForAsync("response.output_text.done")).Text("text"));
        client.AssertNoProblems();
    }

    private protected TalkingGateway Script(string json)
    {
        File.WriteAllText(_file, json);
        return gateway.With(("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", _file));
    }
}

/// <summary>The faults themselves; a relay in front makes good for them.</summary>
public sealed class LocalScriptTests(LocalGateway gateway) : ScriptTests(gateway), IClassFixture<LocalGateway>
{
    [Theory]
    [InlineData("""{"fault":"expire"}""", 1001)]
    [InlineData("""{"fault":"close","code":1013,"message":"try later"}""", 1013)]
    [InlineData("""{"fault":"drop"}""", null)]
    public async Task EndingFault_EndsTheLineThatWay(string step, int? code)
    {
        await using var server = Script($$"""{"turns":[{"reply":[{{step}}]}]}""");
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address);
        await client.SendAsync("""{"type":"response.create"}""");
        Assert.Equal((WebSocketCloseStatus?)code, await client.WaitForCloseAsync());
        if (code == 1001)
            Assert.Contains(client.Events, e => e.Text("error.code") == "session_expired");
    }

    [Fact]
    public async Task MalformedEvent_ArrivesAsNoJson_AndTheSessionGoesOn()
    {
        await using var server = Script("""{"turns":[{"reply":[{"fault":"malformed"},{"text":"still here"}]}]}""");
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, CancellationToken.None);
        await socket.SendAsync("""{"type":"response.create"}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        bool malformed = false, done = false;
        var buffer = new byte[65_536];
        while (!done)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            try
            {
                using var json = System.Text.Json.JsonDocument.Parse(buffer.AsMemory(0, result.Count));
                done = json.RootElement.GetProperty("type").GetString() == "response.done";
            }
            catch (System.Text.Json.JsonException)
            {
                malformed = true;
            }
        }

        Assert.True(malformed);
    }
}

public sealed class RelayedScriptTests(RelayedGateway gateway) : ScriptTests(gateway), IClassFixture<RelayedGateway>;
