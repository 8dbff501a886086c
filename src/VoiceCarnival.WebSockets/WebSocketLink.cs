using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VoiceCarnival.WebSockets;

/// <summary>Takes a message's bytes, which are valid during the call.</summary>
public delegate void MessageSink(Opcode opcode, ReadOnlySpan<byte> payload);

/// <summary>
/// An open WebSocket (RFC 6455) over any stream, either end. Sending copies once and, when the line is idle, writes at once on the caller's thread: an
/// event costs no thread hop. One loop receives; any thread may send.
/// </summary>
/// <remarks>
/// However the line ends, and whatever the stream, the receiver or the abort callback throw, nothing leaves this class as an exception but a
/// <see cref="WebSocketClosure"/> does: half of its work happens on threads where an exception would end the process.
/// </remarks>
public sealed class WebSocketLink : IDisposable
{
    private const int LongestReason = 123;
    private static readonly TimeSpan HeldUp = TimeSpan.FromSeconds(3);
    private readonly Stream _stream;
    private readonly WebSocketLimits _limits;
    private readonly Action _abort;
    private readonly TimeProvider _time;
    private readonly Lock _cutting = new();
    private readonly LinkWriter _writer;
    private readonly IncomingFrames _incoming;
    private Exception? _failure;
    private bool _isDisposed;
    private volatile bool _isHolding;
    private volatile bool _hasSent;
    private long _lastHeard;
    private long _pingedAt; // of the oldest ping since which nothing came; 0 for none
    private long _pingEnd; // where that ping ends in what is sent
    private long _checkedAt;

    /// <summary>Takes over a connection.</summary>
    /// <param name="stream">The connection after its opening handshake.</param>
    /// <param name="role">Which end we are.</param>
    /// <param name="limits">What the line may use.</param>
    /// <param name="abort">Cuts the connection so that pending reads and writes fail; may be called more than once and from any thread.</param>
    /// <param name="time">The clock of <see cref="Check"/>.</param>
    public WebSocketLink(Stream stream, WebSocketRole role, WebSocketLimits limits, Action abort, TimeProvider time)
    {
        _stream = stream;
        _limits = limits;
        _abort = abort;
        _time = time;
        _writer = new LinkWriter(stream, role, limits, time, OnRoom, Cut);
        _incoming = new IncomingFrames(role, limits.LargestMessage);
        _lastHeard = _checkedAt = time.GetTimestamp();
    }

    /// <summary>Who takes what arrives; set before anything is sent or received.</summary>
    public IWebSocketReceiver? Receiver { get; set; }

    /// <summary>True when the line was given up because the peer did not read what was sent.</summary>
    public bool IsTooSlow => _writer.IsTooSlow;

    /// <summary>Bytes that wait to be written.</summary>
    public int Pending => _writer.Pending;

    /// <summary>Bytes in memory: those that wait to be written, and those that are kept without proof.</summary>
    internal int Held => _writer.Held;

    /// <summary>Sends a message.</summary>
    /// <returns>
    /// False when more waits than should: hold what can wait until <see cref="IWebSocketReceiver.OnRoom"/> or until <see cref="ReceiveAsync"/> completes,
    /// whichever comes first.
    /// </returns>
    public bool Send(Opcode opcode, ReadOnlySpan<byte> payload) => Send(opcode, new BytesPayload(payload));

    /// <summary>Sends a message that writes itself into the outgoing buffer.</summary>
    /// <returns>As for <see cref="Send(Opcode, ReadOnlySpan{byte})"/>.</returns>
    public bool Send<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        if (!_hasSent)
            _hasSent = true;
        return _writer.Send(opcode, payload);
    }

    /// <summary>
    /// Asks the peer for a sign of life, beside what <see cref="Check"/> does by itself. The answer comes to <see cref="IWebSocketReceiver.OnPong"/> with the
    /// same payload and tells that the peer has all that was sent before.
    /// </summary>
    /// <param name="payload">At most 125 bytes.</param>
    public void Ping(ReadOnlySpan<byte> payload)
    {
        bool isOldest = Interlocked.CompareExchange(ref _pingedAt, _time.GetTimestamp(), 0) == 0;
        _writer.Send(Opcode.Ping, new BytesPayload(payload));
        if (isOldest)
            Volatile.Write(ref _pingEnd, _writer.End);
    }

    /// <summary>
    /// Keeps what is sent from now on until the peer has proved to have it, by its answers to pings that go out beside it. It counts towards the limits. A peer that answers
    /// no pings is not kept for. For servers only.
    /// </summary>
    public void KeepUnproven() => _writer.Keep();

    /// <summary>Hands over the messages that were kept and are not proved to have arrived, in order; nothing more is kept. Also after the line has broken, until it is disposed of.</summary>
    public void TakeUnproven(MessageSink sink)
    {
        byte[] frames = _writer.TakeKept();
        for (int at = 0; at < frames.Length;)
        {
            if (FrameHeader.TryRead(frames.AsSpan(at), WebSocketRole.Client, out _) is not { } header)
                return; // it is our own writing, so this does not happen
            if (header.Opcode is Opcode.Text or Opcode.Binary)
                sink(header.Opcode, frames.AsSpan(at + header.Length, (int)header.PayloadLength));
            at += header.Length + (int)header.PayloadLength;
        }
    }

    /// <summary>
    /// Says goodbye after what is queued; later messages are dropped. The peer's answer ends the receive loop. Before it disposes of the line its owner
    /// gives the goodbye time to leave: <see cref="FlushAsync"/>, or <see cref="DrainAsync"/> when the peer still has to answer.
    /// </summary>
    public void Close(int code, string reason)
    {
        Span<byte> payload = stackalloc byte[2 + LongestReason];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.TryGetBytes(Shorten(reason), payload[2..], out int length);
        _writer.SendLast(Opcode.Close, new BytesPayload(payload[..(2 + length)]));
    }

    /// <summary>Completes when all that was sent is written, or the line is broken; a slow peer's line breaks at its write deadline.</summary>
    public Task FlushAsync() => _writer.FlushAsync();

    /// <summary>Cuts the line without a goodbye.</summary>
    public void Abort() => _writer.Break();

    /// <summary>
    /// Receives until the line ends, however it ends, or the peer breaks the rules; then the caller closes with the fault's code and may
    /// <see cref="DrainAsync"/>. A line that breaks while the receiver holds a message ends at once. Called once; does not throw.
    /// </summary>
    public async Task<WebSocketClosure> ReceiveAsync()
    {
        var receiver = Receiver ?? throw new InvalidOperationException("There is no receiver.");
        bool hasPongs = false;
        while (true)
        {
            while (_incoming.TryRead(out var message))
            {
                switch (message.Opcode)
                {
                    case Opcode.Text or Opcode.Binary:
                        SendPongs(ref hasPongs);
                        if (await HandAsync(receiver, message) is { } ended)
                            return ended;
                        break;
                    case Opcode.Close:
                        var closure = message.Closure;
                        Close(closure.Code == WebSocketClosure.NoCode ? WebSocketClosure.Normal : closure.Code, "");
                        return End(closure);
                    case Opcode.Ping when _writer.Pending <= _limits.SoftLimit:
                        // Pings of a peer that does not read need no answer each (section 5.5.3). Those that came together are answered together.
                        _writer.Add(Opcode.Pong, new BytesPayload(message.Payload.Span));
                        hasPongs = true;
                        break;
                    case Opcode.Pong when !_writer.TryProve(message.Payload.Span):
                        if (HandPong(receiver, message) is { } failed)
                            return failed;
                        break;
                }
            }

            SendPongs(ref hasPongs);
            if (_incoming.Fault is { } fault)
                return End(new WebSocketClosure(WebSocketClosure.Lost, fault.Reason, fault));

            int read;
            try
            {
                // Most lines wait most of the time, and without a buffer while they do: a read of no bytes completes when there is something to read.
                if (_incoming.TryRelease())
                    _ = await _stream.ReadAsync(Memory<byte>.Empty);
                read = await _stream.ReadAsync(_incoming.GetRoom());
            }
            catch (Exception)
            {
                return End(Lost());
            }

            if (read == 0)
                return End(_writer.Broken.IsCompleted ? Lost() : WebSocketClosure.Broken("the connection ended without a close frame"));
            _incoming.Advance(read);
            Heard();
        }
    }

    /// <summary>
    /// Reads and drops what still comes until the peer is gone: closing a TCP connection with unread data resets it, which takes from the peer what we
    /// sent last. Does not throw; ends when the line is cut.
    /// </summary>
    public async Task DrainAsync()
    {
        var scrap = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (await _stream.ReadAsync(scrap) > 0)
            {
            }
        }
        catch (Exception)
        {
            // gone
        }

        ArrayPool<byte>.Shared.Return(scrap);
    }

    /// <summary>Looks at the deadlines: a stuck write, a silent peer. To be called about once a second.</summary>
    public void Check()
    {
        long now = _time.GetTimestamp();
        _writer.Check(now);
        bool isLate = _time.GetElapsedTime(_checkedAt, now) > HeldUp;
        _checkedAt = now;
        _writer.CheckKept(now, Volatile.Read(ref _lastHeard), _isHolding || isLate);

        // While a receiver holds us back we do not read, and a machine that did not let us look may not have let us read either: then silence says
        // nothing about the peer.
        if (_isHolding || isLate)
            Volatile.Write(ref _pingedAt, 0);
        if (_isHolding)
            return;
        long pinged = Volatile.Read(ref _pingedAt);
        if (pinged == 0)
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _lastHeard), now) > (_hasSent ? _limits.PingAfterSending ?? _limits.PingAfter : _limits.PingAfter))
                Ping(default);
        }
        else if (!_writer.HasWritten(Volatile.Read(ref _pingEnd)))
        {
            // Nobody answers what is still behind a long message; that the message moves on is what the write's deadline is for.
            Interlocked.CompareExchange(ref _pingedAt, now, pinged);
        }
        else if (_time.GetElapsedTime(pinged, now) > _limits.PongTimeout)
        {
            Abort();
        }
    }

    /// <summary>Nothing is sent and the connection is not touched any more. Its owner closes it.</summary>
    public void Dispose()
    {
        lock (_cutting)
            _isDisposed = true;
        _writer.Dispose();
    }

    private void SendPongs(ref bool hasPongs)
    {
        if (hasPongs)
            _writer.SendAdded();
        hasPongs = false;
    }

    // Null when the message was taken and the line goes on.
    private async ValueTask<WebSocketClosure?> HandAsync(IWebSocketReceiver receiver, IncomingMessage message)
    {
        try
        {
            var handling = receiver.OnMessageAsync(message.Opcode, message.Payload);
            if (handling.IsCompletedSuccessfully)
                return null;
            _isHolding = true;
            var handled = handling.AsTask();
            // The receiver may wait for something that only our end brings about. Its bytes are left to it.
            if (await Task.WhenAny(handled, _writer.Broken) != handled && !handled.IsCompleted)
                return Lost();
            await handled;
            Heard();
            _isHolding = false;
            return null;
        }
        catch (Exception exception)
        {
            return End(new WebSocketClosure(WebSocketClosure.InternalError, "internal error", Failure: exception));
        }
    }

    private WebSocketClosure? HandPong(IWebSocketReceiver receiver, IncomingMessage message)
    {
        try
        {
            receiver.OnPong(message.Payload.Span);
            return null;
        }
        catch (Exception exception)
        {
            return End(new WebSocketClosure(WebSocketClosure.InternalError, "internal error", Failure: exception));
        }
    }

    private void Heard()
    {
        Volatile.Write(ref _lastHeard, _time.GetTimestamp());
        if (Volatile.Read(ref _pingedAt) != 0)
            Volatile.Write(ref _pingedAt, 0);
        if (_hasSent)
            _hasSent = false;
    }

    private WebSocketClosure End(WebSocketClosure closure)
    {
        _incoming.Dispose();
        return closure;
    }

    private WebSocketClosure Lost() =>
        WebSocketClosure.Broken(IsTooSlow ? "the peer did not read in time" : "the connection broke") with { Failure = Volatile.Read(ref _failure) };

    private void OnRoom()
    {
        try
        {
            Receiver?.OnRoom();
        }
        catch (Exception exception)
        {
            Volatile.Write(ref _failure, exception);
            Abort();
        }
    }

    private void Cut()
    {
        lock (_cutting)
        {
            // The owner's connection object may serve another request by now.
            if (_isDisposed)
                return;
            try
            {
                _abort();
            }
            catch (Exception exception)
            {
                Volatile.Write(ref _failure, exception);
                CutStream();
            }
        }
    }

    private void CutStream()
    {
        try
        {
            _stream.Dispose();
        }
        catch (Exception)
        {
            // There is no other way left to cut it; the owner's own deadline remains.
        }
    }

    private static string Shorten(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > LongestReason)
            reason = reason[..^1];
        return reason;
    }
}
