using System.Buffers.Binary;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>One WebSocket to the API.</summary>
internal sealed class UpstreamConnection : IWebSocketReceiver, IAsyncDisposable
{
    private readonly Stream _stream;
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(2);
    private readonly WebSocketWatch _watch;
    private readonly TimeProvider _time;
    private readonly WebSocketLink _link;
    private readonly IUpstreamReceiver _receiver;
    private Task _receiving = Task.CompletedTask;

    public UpstreamConnection(Stream stream, WebSocketLimits limits, WebSocketWatch watch, TimeProvider time, IUpstreamReceiver receiver)
    {
        _stream = stream;
        _watch = watch;
        _time = time;
        _receiver = receiver;
        _link = new WebSocketLink(stream, WebSocketRole.Client, limits, stream.Dispose, time) { Receiver = this };
        OpenedAt = time.GetUtcNow();
    }

    public DateTimeOffset OpenedAt { get; }

    /// <summary>Bytes that have not gone out yet.</summary>
    public int Pending => _link.Pending;

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

    /// <summary>Asks for a sign of life; what was sent before it has arrived when <see cref="IUpstreamReceiver.OnProof"/> names the same place.</summary>
    public void AskForProof(long place)
    {
        Span<byte> payload = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(payload, place);
        _link.Ping(payload);
    }

    void IWebSocketReceiver.OnPong(ReadOnlySpan<byte> payload)
    {
        if (payload.Length == sizeof(long))
            _receiver.OnProof(this, BinaryPrimitives.ReadInt64LittleEndian(payload));
    }

    ValueTask IWebSocketReceiver.OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload) =>
        opcode == Opcode.Text ? _receiver.OnEventAsync(this, payload) : ValueTask.CompletedTask;

    void IWebSocketReceiver.OnRoom() => _receiver.OnRoom();

    /// <summary>Says goodbye, gives it and what was sent before it a moment to leave, and lets go of the connection. Does not throw.</summary>
    public async ValueTask DisposeAsync()
    {
        _link.Close(WebSocketClosure.Normal, "");
        try
        {
            await Task.WhenAll(_receiving, _link.FlushAsync()).WaitAsync(GoodbyeTime, _time);
        }
        catch (TimeoutException)
        {
            // A service that does not answer our goodbye.
        }

        _watch.Forget(_link);
        _link.Dispose();
        try
        {
            await _stream.DisposeAsync();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // A TLS goodbye on a line that is gone.
        }
    }

    private async Task ReceiveAsync()
    {
        var closure = await _link.ReceiveAsync();
        if (closure.Fault is { } fault)
            _link.Close(fault.Code, fault.Reason);
        else if (closure.Failure is not null)
            _link.Close(WebSocketClosure.InternalError, "");
        _receiver.OnClosed(this, closure);
    }
}
