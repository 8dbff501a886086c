using System.Diagnostics;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>A Realtime client over a WebSocket that keeps all that comes and checks every event against OpenAI's schemas.</summary>
/// <remarks>
/// One test uses it: sending may overlap with receiving, but only one receive runs at a time. A receive loop of its own takes events off
/// the socket at once, so a test that does not look never slows the server down.
/// </remarks>
public sealed class RealtimeTestClient : IAsyncDisposable
{
    /// <summary>The subprotocol with which audio travels in binary frames.</summary>
    public const string BinaryAudio = "voicecarnival.pcm16";

    /// <summary>How long the expectations wait when they are not told.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30); // long enough for a machine that does other work, too

    private readonly ClientWebSocket _socket;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<ReceivedEvent> _incoming = Channel.CreateUnbounded<ReceivedEvent>();
    private readonly Transcript _transcript = new();
    private readonly ReceivedAudio _audio = new();
    private Task _receiving = Task.CompletedTask;

    private RealtimeTestClient(ClientWebSocket socket) => _socket = socket;

    /// <summary>Whether an event that breaks the schema fails the receive that meets it; on by default.</summary>
    public bool CheckSchema { get; set; } = true;

    /// <summary>The subprotocol that the server chose.</summary>
    public string? SubProtocol => _socket.SubProtocol;

    /// <summary>Every event so far, in order, those not yet received by the test included.</summary>
    public IReadOnlyList<ReceivedEvent> Events => _transcript.Events;

    /// <summary>What was wrong so far with events and binary frames, whether the test received them or not.</summary>
    public IReadOnlyList<string> Problems => [.. Events.SelectMany(received => received.Problems), .. _audio.Problems];

    /// <summary>The audio so far, per item and content part in order of appearance.</summary>
    public IReadOnlyList<ItemAudio> Audio => _audio.Items;

    /// <summary>The server's close code; null while open, and when the connection broke without one.</summary>
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>The reason that came with the close code.</summary>
    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>Connects to <c>/v1/realtime</c> of a server.</summary>
    /// <param name="baseUri">The server's address, http or ws; a path other than <c>/</c> is taken as the whole path.</param>
    /// <param name="query">As <c>model=gpt-realtime</c>.</param>
    /// <param name="bearer">Sent as bearer token.</param>
    /// <param name="subprotocols">Offered in this order.</param>
    /// <param name="headers">Sent with the handshake.</param>
    /// <param name="cancellation">Ends the handshake.</param>
    /// <exception cref="RealtimeHandshakeException">The server refused.</exception>
    public static async Task<RealtimeTestClient> ConnectAsync(
        Uri baseUri,
        string query = "model=gpt-realtime",
        string? bearer = null,
        IEnumerable<string>? subprotocols = null,
        IEnumerable<KeyValuePair<string, string>>? headers = null,
        CancellationToken cancellation = default)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        foreach (string subprotocol in subprotocols ?? [])
        {
            socket.Options.AddSubProtocol(subprotocol);
        }

        foreach (var header in headers ?? [])
        {
            socket.Options.SetRequestHeader(header.Key, header.Value);
        }

        if (bearer is not null)
        {
            socket.Options.SetRequestHeader("Authorization", $"Bearer {bearer}");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(DefaultTimeout);
        try
        {
            await socket.ConnectAsync(Address(baseUri, query), limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            var refusal = new RealtimeHandshakeException(socket.HttpStatusCode, socket.HttpResponseHeaders, exception);
            socket.Dispose();
            throw refusal;
        }

        var client = new RealtimeTestClient(socket);
        client._receiving = client.ReceiveLoopAsync();
        return client;
    }

    /// <summary>Sends an event: a string as it is, anything else as JSON with its own property names.</summary>
    public Task SendAsync(object message, CancellationToken cancellation = default)
    {
        string text = message as string ?? JsonSerializer.Serialize(message);
        _transcript.Sent(text, _clock.Elapsed);
        return SendFrameAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, cancellation);
    }

    /// <summary>Sends PCM16 samples.</summary>
    /// <param name="samples">The samples, at the session's rate.</param>
    /// <param name="binary">As a binary frame or as an append event; by default what the subprotocol says.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task SendAudioAsync(ReadOnlyMemory<short> samples, bool? binary = null, CancellationToken cancellation = default) =>
        SendAudioAsync(MemoryMarshal.AsBytes(samples.Span).ToArray(), binary, cancellation);

    /// <summary>Sends audio bytes in the session's format.</summary>
    public Task SendAudioAsync(byte[] audio, bool? binary = null, CancellationToken cancellation = default) =>
        binary ?? SubProtocol == BinaryAudio
            ? SendFrameAsync(audio, WebSocketMessageType.Binary, cancellation)
            : SendAsync(new { type = "input_audio_buffer.append", audio = Convert.ToBase64String(audio) }, cancellation);

    /// <summary>Sends PCM16 samples in frames of 20 ms, as a microphone would.</summary>
    /// <param name="samples">The samples, 24 kHz.</param>
    /// <param name="speed">How many times faster than real time; infinity sends without a pause.</param>
    /// <param name="binary">As in <see cref="SendAudioAsync(ReadOnlyMemory{short}, bool?, CancellationToken)"/>.</param>
    /// <param name="cancellation">Ends it between two frames.</param>
    public async Task StreamAudioAsync(
        ReadOnlyMemory<short> samples, double speed = 1, bool? binary = null, CancellationToken cancellation = default)
    {
        const int Frame = 480;
        var start = _clock.Elapsed;
        for (int i = 0; i < samples.Length; i += Frame)
        {
            var wait = start + TimeSpan.FromMilliseconds(i / 24.0 / speed) - _clock.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellation);
            }

            await SendAudioAsync(samples.Slice(i, Math.Min(Frame, samples.Length - i)), binary, cancellation);
        }
    }

    /// <summary>The next event, whatever it is.</summary>
    public async Task<ReceivedEvent> ReceiveAsync(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var received = await NextAsync(timeout ?? DefaultTimeout, "an event", cancellation);
        return Checked(received);
    }

    /// <summary>The next event, which must be of this type.</summary>
    public async Task<ReceivedEvent> ExpectAsync(string type, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var received = Checked(await NextAsync(timeout ?? DefaultTimeout, type, cancellation));
        return received.Type == type ? received : throw Failure($"Expected {type}, but {received.Type} came.");
    }

    /// <summary>The next event of this type; those before it are passed over, and stay in <see cref="Events"/>.</summary>
    /// <param name="type">The type to wait for.</param>
    /// <param name="matching">More that it must fulfil.</param>
    /// <param name="timeout">For the whole wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ReceivedEvent> WaitForAsync(
        string type, Func<ReceivedEvent, bool>? matching = null, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var end = _clock.Elapsed + (timeout ?? DefaultTimeout);
        while (true)
        {
            var left = end - _clock.Elapsed;
            var received = Checked(await NextAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, type, cancellation));
            if (received.Type == type && (matching is null || matching(received)))
            {
                return received;
            }
        }
    }

    /// <summary>Fails when an event comes within the time.</summary>
    public async Task ExpectNothingAsync(TimeSpan time, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(time);
        try
        {
            var received = await _incoming.Reader.ReadAsync(limit.Token);
            throw Failure($"Expected nothing, but {received.Type} came.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nothing came.
        }
        catch (ChannelClosedException)
        {
            // And nothing will.
        }
    }

    /// <summary>Waits until the server has closed the connection.</summary>
    /// <returns>Its close code; null when the connection broke without one.</returns>
    public async Task<WebSocketCloseStatus?> WaitForCloseAsync(TimeSpan? timeout = null)
    {
        try
        {
            await _receiving.WaitAsync(timeout ?? DefaultTimeout);
        }
        catch (TimeoutException)
        {
            throw Failure("Expected the server to close, but it did not in time.");
        }

        return CloseStatus;
    }

    /// <summary>Fails when anything that came so far broke the schema or the order of audio.</summary>
    public void AssertNoProblems()
    {
        if (Problems is { Count: > 0 } problems)
        {
            throw Failure($"The server broke the protocol:\n  {string.Join("\n  ", problems)}");
        }
    }

    /// <summary>Closes as OpenAI's clients do: 1000, OK.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure, string reason = "OK")
    {
        using var limit = new CancellationTokenSource(DefaultTimeout);
        if (_socket.State == WebSocketState.Open)
        {
            await _socket.CloseOutputAsync(status, reason, limit.Token);
        }

        await _receiving.WaitAsync(limit.Token);
    }

    /// <summary>Drops the TCP connection without a close frame, as a lost network does.</summary>
    public void Abort() => _socket.Abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
        _stopping.Dispose();
    }

    private static Uri Address(Uri baseUri, string query) => new UriBuilder(baseUri)
    {
        Scheme = baseUri.Scheme is "https" or "wss" ? "wss" : "ws",
        Port = baseUri.Port,
        Path = baseUri.AbsolutePath is "/" ? "/v1/realtime" : baseUri.AbsolutePath,
        Query = query.TrimStart('?'),
    }.Uri;

    private async Task SendFrameAsync(byte[] frame, WebSocketMessageType type, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            await _socket.SendAsync(frame, type, endOfMessage: true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task<ReceivedEvent> NextAsync(TimeSpan timeout, string what, CancellationToken cancellation)
    {
        if (_incoming.Reader.TryRead(out var ready))
        {
            return ready;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            return await _incoming.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Failure($"Expected {what}, but nothing more came in time.");
        }
        catch (ChannelClosedException)
        {
            string how = CloseStatus is { } status ? $"closed with {(int)status} '{CloseReason}'" : "broke";
            throw Failure($"Expected {what}, but the connection {how}.");
        }
    }

    private ReceivedEvent Checked(ReceivedEvent received) =>
        !CheckSchema || received.Problems.Count == 0
            ? received
            : throw Failure($"{received.Type} is not valid:\n  {string.Join("\n  ", received.Problems)}");

    private RealtimeTestException Failure(string what) => new($"{what}\nTranscript:\n{_transcript}");

    private async Task ReceiveLoopAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), _stopping.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(message.ToArray(), part.MessageType);
                    message.SetLength(0);
                }
            }

            if (_socket.State == WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, _stopping.Token);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A broken connection is a result that the test asks for by CloseStatus.
        }
        finally
        {
            _incoming.Writer.TryComplete();
        }
    }

    private void Take(byte[] message, WebSocketMessageType messageType)
    {
        var at = _clock.Elapsed;
        if (messageType == WebSocketMessageType.Binary)
        {
            _audio.TakeFrame(message, at);
            return;
        }

        ReceivedEvent received;
        try
        {
            var json = JsonElement.Parse(message);
            string type = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out var value) ? value.ToString() : "";
            received = new(type, json, at, RealtimeSchema.ValidateServerEvent(json));
        }
        catch (JsonException exception)
        {
            string text = JsonSerializer.Serialize(Encoding.UTF8.GetString(message));
            received = new("", JsonElement.Parse(text), at, [$"not JSON: {exception.Message}"]);
        }

        _transcript.Received(received);
        _audio.TakeEvent(received);
        _incoming.Writer.TryWrite(received);
    }
}
