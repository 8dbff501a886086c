using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Testing.Audio;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Benchmarks.Load;

/// <summary>One caller: sends a frame when the pacer says so, and counts what comes back.</summary>
/// <remarks>The pacer's thread sends, one receive loop counts; the socket allows one of each at a time.</remarks>
internal sealed class LoadSession : IDisposable
{
    private readonly LoadOptions _options;
    private readonly LoadTotals _totals;
    private readonly byte[][] _frames;
    private int _nextFrame;
    private readonly ClientWebSocket _socket = new();
    private readonly TaskCompletionSource _created = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<(uint Ordinal, uint Content), ulong> _expectedOffsets = [];
    private Task _sending = Task.CompletedTask;
    private Task _receiving = Task.CompletedTask;
    private long _createdAt;
    private long _lastAudioAt;
    private long _playedUntil;
    private long _probeSentAt;
    private bool _closing;

    public LoadSession(LoadOptions options, LoadTotals totals, byte[][] frames, int firstFrame = 0)
    {
        (_options, _totals, _frames, _nextFrame) = (options, totals, frames, firstFrame);
        _socket.Options.AddSubProtocol("realtime");
        if (options.Audio == LoadAudio.Binary)
        {
            _socket.Options.AddSubProtocol(RealtimeTestClient.BinaryAudio);
        }
    }

    public bool IsOpen => _socket.State == WebSocketState.Open;

    /// <summary>Connects, waits for session.created and sends what there is to say.</summary>
    public async Task<bool> OpenAsync(Uri address, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(15));
        try
        {
            _socket.Options.CollectHttpResponseDetails = true;
            await _socket.ConnectAsync(address, limit.Token);
            _receiving = ReceiveLoopAsync(cancellation);
            await _created.Task.WaitAsync(limit.Token);
            _totals.Connect.Record(Stopwatch.GetElapsedTime(began));
            if (_options.Audio == LoadAudio.Binary && _socket.SubProtocol != RealtimeTestClient.BinaryAudio)
            {
                _totals.AddTrouble("binary audio was not agreed on");
                return false;
            }

            foreach (string json in _options.Say)
            {
                await _socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            }

            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            string why = (int)_socket.HttpStatusCode is > 0 and not 101 ? $"HTTP {(int)_socket.HttpStatusCode}" : exception.GetType().Name;
            _totals.AddTrouble($"connect: {why}");
            return false;
        }
    }

    /// <summary>Sends the frame unless the one before is still on its way; never waits.</summary>
    public void SendFrame(CancellationToken cancellation) => Send(
        _frames[_nextFrame++ % _frames.Length], _options.Audio == LoadAudio.Binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, isFrame: true, cancellation);

    /// <summary>Asks for an item that is not there; the answer, an error that names the question, gives the round trip.</summary>
    public void SendProbe(CancellationToken cancellation)
    {
        if (Interlocked.CompareExchange(ref _probeSentAt, Stopwatch.GetTimestamp(), 0) == 0
            && !Send("""{"type":"conversation.item.retrieve","event_id":"probe","item_id":"item_probe"}"""u8.ToArray(), WebSocketMessageType.Text, isFrame: false, cancellation))
        {
            Interlocked.Exchange(ref _probeSentAt, 0);
        }
    }

    public async Task CloseAsync()
    {
        _closing = true;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _sending.WaitAsync(limit.Token);
            if (IsOpen)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "OK", limit.Token);
            }

            await _receiving.WaitAsync(limit.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    public void Dispose() => _socket.Dispose();

    private bool Send(byte[] message, WebSocketMessageType type, bool isFrame, CancellationToken cancellation)
    {
        if (!IsOpen)
        {
            return false;
        }

        if (!_sending.IsCompleted)
        {
            if (isFrame)
            {
                _totals.AddSkipped();
            }

            return false;
        }

        try
        {
            var send = _socket.SendAsync(message.AsMemory(), type, endOfMessage: true, cancellation);
            _sending = send.IsCompletedSuccessfully ? Task.CompletedTask : IgnoreFailureAsync(send.AsTask());
            if (isFrame)
            {
                _totals.AddSent();
            }

            return true;
        }
        catch (Exception exception) when (exception is WebSocketException or InvalidOperationException or OperationCanceledException)
        {
            return false; // The receive loop counts the loss.
        }
    }

    private static async Task IgnoreFailureAsync(Task send)
    {
        try
        {
            await send;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The receive loop counts the loss.
        }
    }

    private async Task ReceiveLoopAsync(CancellationToken cancellation)
    {
        byte[] buffer = new byte[16 * 1024];
        var longMessage = new ArrayBufferWriter<byte>(1);
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellation);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                if (part.EndOfMessage && longMessage.WrittenCount == 0)
                {
                    Count(buffer.AsSpan(0, part.Count), part.MessageType);
                    continue;
                }

                longMessage.Write(buffer.AsSpan(0, part.Count));
                if (part.EndOfMessage)
                {
                    Count(longMessage.WrittenSpan, part.MessageType);
                    longMessage.ResetWrittenCount();
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // Told apart below.
        }

        if (!_closing && !cancellation.IsCancellationRequested)
        {
            _totals.AddDropped($"closed: {(_socket.CloseStatus is { } status ? $"{(int)status} {_socket.CloseStatusDescription}" : "without a close frame")}");
        }

        _created.TrySetCanceled(CancellationToken.None);
    }

    private void Count(ReadOnlySpan<byte> message, WebSocketMessageType type)
    {
        _totals.AddMessage(message.Length);
        if (type == WebSocketMessageType.Binary)
        {
            CountFrame(message);
        }
        else
        {
            CountEvent(message);
        }
    }

    private void CountFrame(ReadOnlySpan<byte> frame)
    {
        if (!AudioFrameHeader.TryRead(frame, out var header))
        {
            _totals.AddTrouble("a binary frame without header");
            return;
        }

        ulong samples = (ulong)(frame.Length - AudioFrameHeader.Length) / 2;
        var key = (header.Ordinal, header.ContentIndex);
        if (_expectedOffsets.TryGetValue(key, out ulong expected) && expected != header.SampleOffset)
        {
            _totals.AddGap(Math.Abs((long)header.SampleOffset - (long)expected));
        }

        _expectedOffsets[key] = header.SampleOffset + samples;
        CountAudio((long)samples);
    }

    private void CountAudio(long samples)
    {
        long now = Stopwatch.GetTimestamp();
        _totals.AddAudio(samples);
        if (_lastAudioAt == 0)
        {
            _totals.FirstAudio.Record(Stopwatch.GetElapsedTime(_createdAt, now));
        }
        else
        {
            _totals.AudioInterval.Record(Stopwatch.GetElapsedTime(_lastAudioAt, now));
        }

        // A player that begins with the first piece of an answer, and waits for the next one whenever it has played all.
        if (_playedUntil != 0 && now > _playedUntil)
            _totals.Starved.Record(Stopwatch.GetElapsedTime(_playedUntil, now));
        _playedUntil = Math.Max(_playedUntil, now) + (samples * Stopwatch.Frequency / Tone.DefaultRate);
        _lastAudioAt = now;
    }

    private void CountEvent(ReadOnlySpan<byte> json)
    {
        _totals.AddEvent();
        var reader = new Utf8JsonReader(json);
        long deltaLength = 0;
        string type = "", code = "";
        bool isProbe = false;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > 2)
            {
                continue;
            }

            int depth = reader.CurrentDepth;
            if (depth == 1 && reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.GetString() ?? "";
            }
            else if (depth == 1 && reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                deltaLength = reader.ValueSpan.Length;
            }
            else if (depth == 2 && reader.ValueTextEquals("event_id"u8))
            {
                reader.Read();
                isProbe = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("probe"u8);
            }
            else if (depth == 2 && reader.ValueTextEquals("code"u8))
            {
                reader.Read();
                code = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
            }
        }

        switch (type)
        {
            case "session.created":
                _createdAt = Stopwatch.GetTimestamp();
                _created.TrySetResult();
                break;
            case "response.created":
                _playedUntil = 0;
                break;
            case "response.output_audio.delta":
                CountAudio(deltaLength / 4 * 3 / 2);
                break;
            case "error" when isProbe:
                if (Interlocked.Exchange(ref _probeSentAt, 0) is > 0 and var sentAt)
                {
                    _totals.RoundTrip.Record(Stopwatch.GetElapsedTime(sentAt));
                }

                break;
            case "error":
                _totals.AddTrouble($"error: {code}");
                break;
        }
    }
}
