using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Benchmarks.Relay.Peers;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>Stands for OpenAI, in a process of its own: answers each append with a delta that carries the same audio, unless it is silence.</summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly BenchmarkProcess _process;

    private FakeUpstream(BenchmarkProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<FakeUpstream> StartAsync()
    {
        int port = FreePort.Find();
        var upstream = new FakeUpstream(BenchmarkProcess.Start(isLean: true, "relay-upstream", port.ToString(CultureInfo.InvariantCulture)), port);
        await PeerStart.WaitAsync(port, null);
        return upstream;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>The process's part.</summary>
    /// <param name="arguments">The port.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{arguments[0]}").UseSockets(options => options.UnsafePreferInlineScheduling = true);
        var app = builder.Build();
        app.Map("/healthz", () => "ok");
        app.Map("/v1/realtime", HandleAsync);
        await app.RunAsync();
    }

    private static async Task HandleAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Connection = "Upgrade";
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = WebSocketClient.AcceptFor(context.Request.Headers.SecWebSocketKey.ToString());
        if (context.Request.Headers.SecWebSocketProtocol.Count > 0)
            headers.SecWebSocketProtocol = "realtime";
        await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var link = new WebSocketLink(stream, WebSocketRole.Server, new WebSocketLimits(), context.Abort, TimeProvider.System);
        link.Receiver = new Echo(link);
        link.Send(Opcode.Text, """{"type":"session.created","event_id":"event_1","session":{"type":"realtime","object":"realtime.session","id":"sess_upstream","model":"gpt-realtime","output_modalities":["audio"],"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"turn_detection":{"type":"server_vad"}},"output":{"format":{"type":"audio/pcm","rate":24000},"voice":"marin"}}}}"""u8);
        await link.ReceiveAsync();
    }

    private sealed class Echo(WebSocketLink link) : IWebSocketReceiver
    {
        private static readonly byte[] Beginning = Encoding.UTF8.GetBytes(
            """{"type":"response.output_audio.delta","event_id":"event_CZcNl7pYmTqwzXo3VxaaB","response_id":"resp_CZcNk9pYmTqwzXo3VxaaB","item_id":"item_CZcNj8pYmTqwzXo3VxaaB","output_index":0,"content_index":0,"delta":" """.TrimEnd());

        public ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload)
        {
            var json = payload.Span;
            int audio = json.IndexOf("\"audio\":\""u8);
            if (json.IndexOf("input_audio_buffer.append"u8) >= 0 && audio > 0)
            {
                var base64 = json[(audio + 9)..];
                base64 = base64[..base64.IndexOf((byte)'"')];
                // Zeros are A in base64.
                if (base64.TrimEnd((byte)'=').ContainsAnyExcept((byte)'A'))
                    link.Send(Opcode.Text, new Delta(base64));
            }
            else if (json.IndexOf("\"session.update\""u8) >= 0)
            {
                link.Send(Opcode.Text, """{"type":"session.updated","event_id":"event_2","session":{"type":"realtime","id":"sess_upstream"}}"""u8);
            }

            else if (json.IndexOf("\"input_audio_buffer.clear\""u8) >= 0)
            {
                link.Send(Opcode.Text, """{"type":"input_audio_buffer.cleared","event_id":"event_3"}"""u8);
            }

            return ValueTask.CompletedTask;
        }

        public void OnRoom()
        {
        }

        private readonly ref struct Delta(ReadOnlySpan<byte> base64) : IFramePayload
        {
            private readonly ReadOnlySpan<byte> _base64 = base64;

            public int Length => Beginning.Length + _base64.Length + 2;

            public void Write(Span<byte> payload)
            {
                Beginning.CopyTo(payload);
                _base64.CopyTo(payload[Beginning.Length..]);
                "\"}"u8.CopyTo(payload[(Beginning.Length + _base64.Length)..]);
            }
        }
    }
}
