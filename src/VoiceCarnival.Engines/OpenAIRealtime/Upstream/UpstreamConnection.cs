using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>One WebSocket to the API.</summary>
internal sealed class UpstreamConnection : IWebSocketReceiver, IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly WebSocketWatch _watch;
    private readonly WebSocketLink _link;
    private readonly IUpstreamReceiver _receiver;
    private Task _receiving = Task.CompletedTask;

    public UpstreamConnection(Stream stream, WebSocketLimits limits, WebSocketWatch watch, TimeProvider time, IUpstreamReceiver receiver)
    {
        _stream = stream;
        _watch = watch;
        _receiver = receiver;
        _link = new WebSocketLink(stream, WebSocketRole.Client, limits, stream.Dispose, time) { Receiver = this };
        OpenedAt = time.GetUtcNow();
    }

    public DateTimeOffset OpenedAt { get; }

    /// <summary>Begins to receive.</summary>
    public void Start()
    {
        _watch.Add(_link);
        _receiving = ReceiveAsync();
    }

    /// <summary>Sends an event.</summary>
    /// <returns>False when the sender should wait for <see cref="IUpstreamReceiver.OnRoom"/>.</returns>
    public bool Send(ReadOnlySpan<byte> utf8Json) => _link.Send(Opcode.Text, utf8Json);

    /// <summary>Sends audio as an <c>input_audio_buffer.append</c> event.</summary>
    public bool SendAudio(ReadOnlySpan<byte> audio) => _link.Send(Opcode.Text, new AudioAppend(audio));

    ValueTask IWebSocketReceiver.OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload) =>
        opcode == Opcode.Text ? _receiver.OnEventAsync(this, payload) : ValueTask.CompletedTask;

    void IWebSocketReceiver.OnRoom() => _receiver.OnRoom();

    /// <summary>Says goodbye and lets go of the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _link.Close(WebSocketClosure.Normal, "");
        await Task.WhenAny(_receiving, Task.Delay(TimeSpan.FromSeconds(2)));
        _watch.Forget(_link);
        _link.Dispose();
        await _stream.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        var closure = await _link.ReceiveAsync();
        if (closure.Fault is { } fault)
            _link.Close(fault.Code, fault.Reason);
        _watch.Forget(_link);
        _receiver.OnClosed(this, closure);
    }
}
