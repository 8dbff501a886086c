using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Testing.Tests.Realtime;

/// <summary>A Kestrel on a free port whose WebSockets do what a test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public HttpRequest? Request { get; private set; }

    public static async Task<ScriptedServer> StartAsync(Func<WebSocket, Task> script, string? subprotocol = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new ScriptedServer(app);
        app.UseWebSockets();
        app.Map("/v1/realtime", async context =>
        {
            server.Request = context.Request;
            if (context.Request.Query["model"] == "forbidden")
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(subprotocol);
            await script(socket);
        });
        await app.StartAsync();
        return server;
    }

    public static Task SendAsync(WebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public static async Task<(WebSocketMessageType Type, byte[] Bytes)> ReceiveAsync(WebSocket socket)
    {
        byte[] buffer = new byte[1 << 20];
        var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        return (result.MessageType, buffer[..result.Count]);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
