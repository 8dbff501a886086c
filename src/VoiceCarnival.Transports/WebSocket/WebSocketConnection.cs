using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using Socket = System.Net.WebSockets.WebSocket;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>One caller's socket: the queue towards it and the two loops that read and write.</summary>
internal sealed class WebSocketConnection(Socket socket, bool binaryAudio, WebSocketTransportOptions options, TimeProvider time) : VoiceConnection
{
    private const int FirstBuffer = 4 * 1024;
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(3);
    private readonly OutboundQueue _outbound = new(options.OutputSoftLimitKilobytes * 1024, options.OutputHardLimitKilobytes * 1024);
    private uint _announcedItem;
    private long _writeStarted;

    public override string Transport => "websocket";

    public override bool UnderstandsExtensions => binaryAudio;

    /// <summary>True when the write under way has taken longer than it may.</summary>
    public bool IsStuck => Volatile.Read(ref _writeStarted) is var started and not 0 && time.GetElapsedTime(started).TotalSeconds > options.WriteTimeoutSeconds;

    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, utf8Json.Length));
        utf8Json.CopyTo(buffer);
        return Add(new OutboundMessage(buffer, utf8Json.Length, WebSocketMessageType.Text));
    }

    public override bool WriteAudio(in EngineAudio audio)
    {
        if (!binaryAudio || audio.Payload.IsEmpty)
            return Add(AudioFrame.Json(audio));
        if (audio.Item.Ordinal != _announcedItem)
        {
            _announcedItem = audio.Item.Ordinal;
            WriteEvent(ServerEventTypes.AudioItem, AudioFrame.Announcement(audio.Item));
        }

        return Add(AudioFrame.Binary(audio));
    }

    public override void Close(SessionTermination termination)
    {
        if (termination.Abrupt)
        {
            Abort();
            return;
        }

        if (termination.Error is { } error)
            WriteError(error);
        _outbound.Add(new OutboundMessage([], 0, WebSocketMessageType.Close, termination));
        _outbound.Complete();
    }

    /// <summary>Cuts the line.</summary>
    public void Abort()
    {
        _outbound.Complete();
        socket.Abort();
    }

    /// <summary>Writes what is queued until the goodbye is out, the line breaks or the queue is given up.</summary>
    public async Task WriteLoopAsync(VoiceSession? session)
    {
        try
        {
            while (await _outbound.WaitAsync())
            {
                while (_outbound.TryTake(out var message))
                {
                    if (message.Goodbye is { } goodbye)
                    {
                        await SayGoodbyeAsync(goodbye);
                        return;
                    }

                    bool mayGoOn;
                    try
                    {
                        Volatile.Write(ref _writeStarted, time.GetTimestamp());
                        await socket.SendAsync(message.Bytes, message.Type, true, CancellationToken.None);
                    }
                    finally
                    {
                        Volatile.Write(ref _writeStarted, 0);
                        mayGoOn = _outbound.Written(message.Length);
                        message.Release();
                    }

                    if (mayGoOn)
                        session?.ResumeOutput();
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The line is gone; the read loop sees it too and says what that means.
            socket.Abort();
        }
        finally
        {
            while (_outbound.TryTake(out var message))
                message.Release();
        }
    }

    /// <summary>Reads messages into the session until the line ends; says how it ended and whether the caller may come back.</summary>
    public async Task<(SessionTermination Termination, bool MayResume)> ReadLoopAsync(VoiceSession session, CancellationToken cancellationToken)
    {
        int limit = options.MaxMessageKilobytes * 1024;
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            while (true)
            {
                // 1. One whole message; fragments are put together in a buffer that grows up to the limit.
                int length = 0;
                ValueWebSocketReceiveResult frame;
                do
                {
                    if (length == buffer.Length)
                    {
                        if (length >= limit)
                            return (TooBig(limit), false);
                        buffer = Grow(buffer, Math.Min(limit, length * 2));
                    }

                    frame = await socket.ReceiveAsync(buffer.AsMemory(length, Math.Min(buffer.Length, limit) - length), cancellationToken);
                    length += frame.Count;
                    if (length >= limit && !frame.EndOfMessage)
                        return (TooBig(limit), false);
                }
                while (!frame.EndOfMessage);

                // 2. Hand it on.
                if (frame.MessageType == WebSocketMessageType.Text)
                    await session.ReceiveEventAsync(buffer.AsMemory(0, length), cancellationToken);
                else if (frame.MessageType == WebSocketMessageType.Close)
                    return (Closed(), false);
                else if (binaryAudio)
                    await session.ReceiveAudioAsync(buffer.AsMemory(0, length), cancellationToken);
                else
                    WriteError(RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent, $"Binary messages need the subprotocol '{WebSocketHandshake.BinaryAudioProtocol}'. Without it send input_audio_buffer.append with base64."));

                // 3. Do not sit on a large buffer because of one large message.
                if (buffer.Length > 16 * FirstBuffer)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
                }
            }
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode is WebSocketError.Faulted or WebSocketError.InvalidMessageType or WebSocketError.HeaderError)
        {
            // The caller broke the framing or sent text that is not UTF-8; the socket has already answered with 1002 or 1007.
            return (new SessionTermination(TerminationKind.CallerFault, "broken WebSocket frame"), false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            return _outbound.Overflowed
                ? (new SessionTermination(TerminationKind.SlowReader, "the caller did not read what was sent"), false)
                : (new SessionTermination(TerminationKind.CallerLost, "the line broke"), true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads on until the caller has closed too, so that what was sent last is not lost to a reset.</summary>
    public async Task AwaitCloseAsync(TimeSpan atMost)
    {
        using var deadline = new CancellationTokenSource(atMost, time);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                if ((await socket.ReceiveAsync(buffer.AsMemory(), deadline.Token)).MessageType == WebSocketMessageType.Close)
                    return;
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // It never will; the socket is disposed of anyway.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends an error event of our own.</summary>
    public void WriteError(RealtimeError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", ServerEventTypes.Error);
        writer.WriteString("event_id", RealtimeIds.New("event"));
        writer.WriteStartObject("error");
        writer.WriteString("type", error.Type);
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteString("param", error.Param);
        writer.WriteNull("event_id");
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        WriteEvent(ServerEventTypes.Error, buffer.WrittenSpan);
    }

    private bool Add(in OutboundMessage message)
    {
        bool room = _outbound.Add(message);
        // A goodbye would only wait behind all that the caller has not read; cutting the line frees it at once.
        if (_outbound.Overflowed)
            socket.Abort();
        return room;
    }

    private SessionTermination Closed() => socket.CloseStatus is WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.EndpointUnavailable or WebSocketCloseStatus.Empty or null
        ? SessionTermination.CallerClosed
        : new SessionTermination(TerminationKind.CallerClosed, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"closed by caller with {(int)socket.CloseStatus}"));

    private static SessionTermination TooBig(int limit) => new(TerminationKind.CallerFault, "message too big", RealtimeError.Invalid("message_too_big",
        $"A message is larger than {limit / 1024} kB. Send audio in smaller pieces."))
    {
        CloseCode = WebSocketCloseCode.MessageTooBig,
    };

    private static byte[] Grow(byte[] buffer, int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private async Task SayGoodbyeAsync(SessionTermination goodbye)
    {
        var (code, reason) = WebSocketCloseCode.Of(goodbye);
        using var deadline = new CancellationTokenSource(GoodbyeTime, time);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(code, reason, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            socket.Abort();
        }
    }
}
