using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>A service that takes every connection and then does as the test says: what a broken or overloaded one does.</summary>
internal sealed class MoodyService : IAsyncDisposable
{
    public const string Created = """{"type":"session.created","event_id":"event_1","session":{"type":"realtime","object":"realtime.session","id":"sess_theirs","model":"m","output_modalities":["audio"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000}},"output":{"format":{"type":"audio/pcm","rate":24000},"voice":"marin"}}}}""";
    private readonly WebApplication _app;
    private int _connections;

    private MoodyService(WebApplication app) => _app = app;

    public int Connections => Volatile.Read(ref _connections);

    /// <param name="act">Gets the socket and how many there were before it; the socket is cut off when it returns.</param>
    public static async Task<MoodyService> StartAsync(Func<System.Net.WebSockets.WebSocket, int, Task> act)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var service = new MoodyService(app);
        app.UseWebSockets();
        app.Run(async context =>
        {
            int number = Interlocked.Increment(ref service._connections) - 1;
            using var socket = await context.WebSockets.AcceptWebSocketAsync("realtime");
            await act(socket, number);
            context.Abort();
        });
        await app.StartAsync();
        return service;
    }

    public Gateway Before(params (string Key, string Value)[] settings) => new(
        [("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:BaseUrl", _app.Urls.First() + "/v1"), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"), .. settings], localEngine: true);

    public static Task SayAsync(System.Net.WebSockets.WebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, CancellationToken.None);

    /// <summary>Closes as a service does that has failed.</summary>
    public static Task BreakAsync(System.Net.WebSockets.WebSocket socket) => socket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, "failed", CancellationToken.None);

    /// <summary>Reads until an event comes that has some text in it.</summary>
    public static async Task<string> HearAsync(System.Net.WebSockets.WebSocket socket, string text)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                if (length == buffer.Length)
                    Array.Resize(ref buffer, 2 * length);
                received = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += received.Count;
            }
            while (!received.EndOfMessage);
            string heard = Encoding.UTF8.GetString(buffer, 0, length);
            if (heard.Contains(text, StringComparison.Ordinal) || received.MessageType == WebSocketMessageType.Close)
                return heard;
        }
    }

    public static async Task ListenAsync(System.Net.WebSockets.WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while ((await socket.ReceiveAsync(buffer, CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // The other side has gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
