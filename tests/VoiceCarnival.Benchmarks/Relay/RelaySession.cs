using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>One caller: sends 20 ms of audio that carries the time, and takes the time of what comes back.</summary>
internal sealed class RelaySession(WebSocketLink link, RelayTimes times, bool isBinary) : IWebSocketReceiver
{
    private const int FrameBytes = 960;
    private readonly byte[] _audio = new byte[FrameBytes];
    private readonly byte[] _message = new byte[64 + (FrameBytes * 4 / 3)];
    private long _sent;
    private long _receivedBytes;
    private int _resumed;
    private volatile bool _isLost;
    private Task _receiving = Task.CompletedTask;

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Frames of audio that came back; a relay that says audio again cuts it as it likes.</summary>
    public long Received => Volatile.Read(ref _receivedBytes) / FrameBytes;

    /// <summary>How often the relay told that it had to open another upstream.</summary>
    public int Resumed => Volatile.Read(ref _resumed);

    /// <summary>The line has ended.</summary>
    public bool IsLost => _isLost;

    public static async Task<RelaySession> OpenAsync(HttpMessageInvoker http, Uri address, RelayTimes times, bool isBinary)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var stream = await WebSocketClient.ConnectAsync(http, address, [], isBinary ? "realtime, voicecarnival.pcm16" : "realtime", limit.Token);
        var link = new WebSocketLink(stream, WebSocketRole.Client, new WebSocketLimits(), stream.Dispose, TimeProvider.System);
        var session = new RelaySession(link, times, isBinary);
        link.Receiver = session;
        session._receiving = session.ReceiveAsync(stream);
        return session;
    }

    public void SendFrame()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_audio, Stopwatch.GetTimestamp());
        Interlocked.Increment(ref _sent);
        if (isBinary)
        {
            link.Send(Opcode.Binary, _audio);
            return;
        }

        var beginning = "{\"type\":\"input_audio_buffer.append\",\"audio\":\""u8;
        beginning.CopyTo(_message);
        Base64.EncodeToUtf8(_audio, _message.AsSpan(beginning.Length), out _, out int written);
        "\"}"u8.CopyTo(_message.AsSpan(beginning.Length + written));
        link.Send(Opcode.Text, _message.AsSpan(0, beginning.Length + written + 2));
    }

    /// <summary>Says goodbye and waits until the line is gone.</summary>
    public async Task CloseAsync()
    {
        link.Close(WebSocketClosure.Normal, "");
        try
        {
            await _receiving.WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException)
        {
            link.Abort();
            await _receiving;
        }

        link.Dispose();
    }

    public ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        Span<byte> time = stackalloc byte[9];
        int length = payload.Length - 16;
        if (opcode == Opcode.Binary)
        {
            payload.Span.Slice(16, 8).CopyTo(time);
        }
        else
        {
            int delta = payload.Span.IndexOf("\"delta\":\""u8);
            if (delta < 0)
            {
                if (payload.Span.IndexOf("\"voicecarnival.session.resumed\""u8) >= 0)
                    Interlocked.Increment(ref _resumed);
                return ValueTask.CompletedTask;
            }

            var base64 = payload.Span[(delta + 9)..];
            base64 = base64[..base64.IndexOf((byte)'"')];
            length = Base64.GetMaxDecodedFromUtf8Length(base64.Length) - (base64.EndsWith("=="u8) ? 2 : base64.EndsWith("="u8) ? 1 : 0);
            Base64.DecodeFromUtf8(base64[..12], time, out _, out _);
        }

        // A piece that does not begin with a frame carries no time.
        bool isWhole = _receivedBytes % FrameBytes == 0 && length == FrameBytes;
        Interlocked.Add(ref _receivedBytes, length);
        if (isWhole)
            times.Latency.Record(Stopwatch.GetElapsedTime(BinaryPrimitives.ReadInt64LittleEndian(time)));
        return ValueTask.CompletedTask;
    }

    public void OnRoom()
    {
    }

    private async Task ReceiveAsync(Stream stream)
    {
        await link.ReceiveAsync();
        _isLost = true;
        await stream.DisposeAsync();
    }
}
