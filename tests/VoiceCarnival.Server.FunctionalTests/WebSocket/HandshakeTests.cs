using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>Who may open a socket, and how it is told when not.</summary>
public abstract class HandshakeTests(TalkingGateway gateway)
{
    [Fact]
    public async Task PlainGet_Is426WithAnExplanation()
    {
        var response = await gateway.Client.GetAsync("/v1/realtime?model=x");
        Assert.Equal("13", Assert.Single(response.Headers.GetValues("Sec-WebSocket-Version")));
        var error = await Gateway.ErrorOf(response, HttpStatusCode.UpgradeRequired);
        Assert.Contains("WebSocket", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/openai/realtime", "api-version=2025-08-28&deployment=gpt-mine")]
    [InlineData("/openai/v1/realtime", "model=gpt-mine")]
    [InlineData("/v1/realtime", "deployment=gpt-mine")]
    [InlineData("/realtime", "model=gpt-mine")]
    public async Task AzuresPathsAndNames_AreTheSameDoor(string path, string query)
    {
        await using var client = await RealtimeTestClient.ConnectAsync(new Uri(gateway.Address, path), query, headers: [KeyValuePair.Create("api-key", "any")]);
        Assert.Equal("gpt-mine", (await client.ExpectAsync("session.created")).Text("session.model"));
    }

    [Fact]
    public async Task AzuresPath_MintsSecrets_ThatOpenIt()
    {
        using var body = new StringContent("""{"session":{"type":"realtime","model":"gpt-mine"}}""", Encoding.UTF8, "application/json");
        var minted = await Gateway.JsonOf(await gateway.Client.PostAsync("/openai/v1/realtime/client_secrets", body));
        await using var client = await RealtimeTestClient.ConnectAsync(new Uri(gateway.Address, "/openai/v1/realtime"), "model=gpt-mine", minted.GetProperty("value").GetString());
        await client.ExpectAsync("session.created");
    }

    [Fact]
    public async Task UpgradeByHttp10_Is426()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, gateway.Address.Port);
        var stream = tcp.GetStream();
        await stream.WriteAsync("GET /v1/realtime HTTP/1.0\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 426 ", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sk-anything")]
    [InlineData(null)]
    public async Task OnLoopback_AnyOtherKeyOrNone_IsAccepted(string? key)
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: key);
        await client.ExpectAsync("session.created");
    }

    [Fact]
    public async Task UnknownClientSecret_IsClosedWith3000_EvenOnThisMachine()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: "ek_000000000000000000000000");
        Assert.Equal("invalid_api_key", (await client.ExpectAsync("error")).Text("error.code"));
        Assert.Equal((WebSocketCloseStatus)3000, await client.WaitForCloseAsync());
        Assert.Equal("invalid_request_error.invalid_api_key", client.CloseReason);
    }

    [Fact]
    public async Task RefusedCaller_WhoSendsMuch_IsToldWhyAllTheSame()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", "Bearer ek_000000000000000000000000");
        await socket.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws", Path = "/v1/realtime" }.Uri, CancellationToken.None);
        await socket.SendAsync(new byte[100_000], WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

        byte[] buffer = new byte[4096];
        var error = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        Assert.Contains("invalid_api_key", Encoding.UTF8.GetString(buffer, 0, error.Count), StringComparison.Ordinal);
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None)).MessageType);
        Assert.Equal((WebSocketCloseStatus)3000, socket.CloseStatus);
    }

    [Fact]
    public async Task UnknownClientSecret_BesideAnotherKey_IsCheckedToo()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, bearer: "sk-anything", subprotocols: ["realtime", "openai-insecure-api-key.ek_000000000000000000000000"]);
        Assert.Equal("invalid_api_key", (await client.ExpectAsync("error")).Text("error.code"));
        Assert.Equal((WebSocketCloseStatus)3000, await client.WaitForCloseAsync());
    }

    [Theory]
    [InlineData("model=%00", "invalid_model")]
    [InlineData("model=a%0ab", "invalid_model")]
    [InlineData("model=a&model=b", "invalid_value")]
    [InlineData("model=gpt-4o-transcribe", "invalid_model")]
    public async Task OddModel_IsRefusedOverTheSocket(string query, string code)
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, query);
        var error = await client.ExpectAsync("error");
        Assert.Equal((code, "model"), (error.Text("error.code"), error.Text("error.param")));
        Assert.Equal((WebSocketCloseStatus)4000, await client.WaitForCloseAsync());
    }

    [Fact]
    public async Task ModelThatTranscribes_OpensASessionThatTranscribes()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "intent=transcription&model=gpt-4o-transcribe");
        Assert.Equal("transcription", (await client.ExpectAsync("session.created")).Text("session.type"));
    }

    [Fact]
    public async Task MintedSecret_AsBrowserSubprotocol_OpensASessionWithItsFields()
    {
        using var minted = await gateway.Client.PostAsync("/api/ephemeral-token",
            new StringContent("""{"session":{"type":"realtime","instructions":"Be brief.","audio":{"input":{"turn_detection":null}}}}""", Encoding.UTF8, "application/json"));
        string secret = (await Gateway.JsonOf(minted)).GetProperty("value").GetString()!;
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, subprotocols: ["realtime", "openai-insecure-api-key." + secret]);
        Assert.Equal("realtime", client.SubProtocol);
        var created = await client.ExpectAsync("session.created");
        Assert.Equal("Be brief.", created.Text("session.instructions"));
        Assert.Equal(JsonValueKind.Null, created.Find("session.audio.input.turn_detection").ValueKind);
    }

    [Theory]
    [InlineData("OpenAI-Beta", null)]
    [InlineData(null, "openai-beta.realtime-v1")]
    public async Task BetaDialect_WhereItIsOff_IsRefusedAsUpstreamDoes(string? header, string? subprotocol)
    {
        await using var server = gateway.With(("VoiceCarnival:Beta:Enabled", "false"));
        await using var client = await RealtimeTestClient.ConnectAsync(server.Address,
            subprotocols: subprotocol is null ? null : ["realtime", subprotocol],
            headers: header is null ? null : [new(header, "realtime=v1")]);
        Assert.Equal("beta_api_shape_disabled", (await client.ExpectAsync("error")).Text("error.code"));
        Assert.Equal((WebSocketCloseStatus)4000, await client.WaitForCloseAsync());
        Assert.Equal("invalid_request_error.beta_api_shape_disabled", client.CloseReason);
    }

    [Fact]
    public async Task UnknownIntent_IsClosedWith4000()
    {
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address, "intent=dance");
        Assert.Equal("invalid_value", (await client.ExpectAsync("error")).Text("error.code"));
        Assert.Equal((WebSocketCloseStatus)4000, await client.WaitForCloseAsync());
    }

    [Theory]
    [InlineData("call_id=rtc_nothing", HttpStatusCode.NotFound)]
    [InlineData("model=x&resume=rt_nothing", HttpStatusCode.NotFound)]
    public async Task WhatIsNotThere_Is404(string query, HttpStatusCode status)
    {
        var refusal = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(gateway.Address, query));
        Assert.Equal(status, refusal.Status);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("http://localhost:3000", true)]
    public async Task ForeignPageWithoutASecret_IsRefused_LocalOneIsNot(string origin, bool accepted)
    {
        var connecting = RealtimeTestClient.ConnectAsync(gateway.Address, headers: [new("Origin", origin)]);
        if (accepted)
        {
            await using var client = await connecting;
            await client.ExpectAsync("session.created");
        }
        else
        {
            var refusal = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => connecting);
            Assert.Equal(HttpStatusCode.Forbidden, refusal.Status);
        }
    }

    [Fact]
    public async Task ForeignPageWithASecret_IsAccepted()
    {
        using var minted = await gateway.Client.PostAsync("/api/ephemeral-token", null);
        string secret = (await Gateway.JsonOf(minted)).GetProperty("value").GetString()!;
        await using var client = await RealtimeTestClient.ConnectAsync(gateway.Address,
            subprotocols: ["realtime", "openai-insecure-api-key." + secret], headers: [new("Origin", "https://app.example")]);
        await client.ExpectAsync("session.created");
    }

    [Fact]
    public async Task AuthenticationRequired_KeyIsAskedFor()
    {
        await using var strict = gateway.With(
            ("VoiceCarnival:Access:Authentication", "required"), ("VoiceCarnival:Access:ApiKeys:0:Name", "backend"), ("VoiceCarnival:Access:ApiKeys:0:Key", "correct-horse-battery-staple"));
        await using var without = await RealtimeTestClient.ConnectAsync(strict.Address);
        await without.ExpectAsync("error");
        Assert.Equal((WebSocketCloseStatus)3000, await without.WaitForCloseAsync());
        await using var with = await RealtimeTestClient.ConnectAsync(strict.Address, bearer: "correct-horse-battery-staple");
        await with.ExpectAsync("session.created");
    }

    [Fact]
    public async Task FullServer_Is503WithRetryAfter_AndRunningCallsGoOn()
    {
        await using var small = gateway.With(("VoiceCarnival:Limits:MaxSessions", "1"));
        await using var first = await RealtimeTestClient.ConnectAsync(small.Address);
        await first.ExpectAsync("session.created");
        var refusal = await Assert.ThrowsAsync<RealtimeHandshakeException>(() => RealtimeTestClient.ConnectAsync(small.Address));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refusal.Status);
        Assert.True(refusal.Headers!.ContainsKey("Retry-After"));
        await first.SendAsync("""{"type":"input_audio_buffer.clear"}""");
        await first.ExpectAsync("input_audio_buffer.cleared");
    }
}

public sealed class LocalHandshakeTests(LocalGateway gateway) : HandshakeTests(gateway), IClassFixture<LocalGateway>;

public sealed class RelayedHandshakeTests(RelayedGateway gateway) : HandshakeTests(gateway), IClassFixture<RelayedGateway>;
