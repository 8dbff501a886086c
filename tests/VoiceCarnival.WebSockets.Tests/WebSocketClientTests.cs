using System.Net;
using System.Net.Sockets;
using System.Text;

namespace VoiceCarnival.WebSockets.Tests;

/// <summary>The client's half of the opening handshake against servers that answer as they please (RFC 6455, section 4.1).</summary>
public sealed class WebSocketClientTests
{
    private const string Right = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";

    [Theory]
    [InlineData(Right)]
    [InlineData("HTTP/1.1 101 X\r\nupgrade: WebSocket\r\nconnection: keep-alive, upgrade\r\nsec-websocket-accept:  {accept} \r\n")]
    [InlineData(Right + "Sec-WebSocket-Protocol: realtime\r\n")]
    public async Task ProperHandshake_OpensTheLine(string answer)
    {
        await using var stream = await ConnectAsync(answer);
        var bytes = new byte[2];
        await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        Assert.Equal([0x89, 0], bytes);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n", "upgrade to websocket")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n", "upgrade to websocket")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n", "Connection")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n", "Accept")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Accept")]
    [InlineData(Right + "Sec-WebSocket-Accept: {accept}\r\n", "Accept")]
    [InlineData(Right + "Sec-WebSocket-Extensions: permessage-deflate\r\n", "extension")]
    [InlineData(Right + "Sec-WebSocket-Protocol: other\r\n", "subprotocol")]
    [InlineData(Right + "Sec-WebSocket-Protocol: realtime, voicecarnival.pcm16\r\n", "subprotocol")]
    public async Task WrongHandshake_IsRefused(string answer, string problem)
    {
        var exception = await Assert.ThrowsAsync<HttpRequestException>(async () => await ConnectAsync(answer));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherStatus_ComesWithItsBodyAndWhenToTryAgain()
    {
        var exception = await Assert.ThrowsAsync<WebSocketRefusedException>(async () =>
            await ConnectAsync("HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 2\r\n"));
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (exception.Status, exception.RetryAfter));
        Assert.Equal(2, exception.Body.Length);
    }

    // A server that answers one handshake as told, then sends two bytes.
    private static async Task<Stream> ConnectAsync(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        var serving = ServeAsync(listener, answer);
        var address = new Uri($"ws://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        var stream = await WebSocketClient.ConnectAsync(http, address, [], "realtime, voicecarnival.pcm16", TestContext.Current.CancellationToken);
        await serving;
        // The handler goes; what it connected must not go with it before the test has read.
        var rest = new MemoryStream();
        await stream.CopyToAsync(rest, TestContext.Current.CancellationToken);
        await stream.DisposeAsync();
        rest.Position = 0;
        return rest;
    }

    private static async Task ServeAsync(TcpListener listener, string answer)
    {
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var stream = connection.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        string key = "";
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 } line)
        {
            if (line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase))
                key = line["Sec-WebSocket-Key:".Length..].Trim();
        }

        byte[] bytes = [.. Encoding.ASCII.GetBytes(answer.Replace("{accept}", WebSocketClient.AcceptFor(key), StringComparison.Ordinal) + "\r\n"), 0x89, 0];
        await stream.WriteAsync(bytes, TestContext.Current.CancellationToken);
    }
}
