using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VoiceCarnival.WebSockets;

/// <summary>
/// An open WebSocket (RFC 6455) over any stream, either end. Sending copies once and, when the line is idle, writes at once on the caller's thread: an
/// event costs no thread hop. One loop receives; any thread may send.
/// </summary>
/// <param name="stream">The connection after its opening handshake.</param>
/// <param name="role">Which end we are.</param>
/// <param name="limits">What the line may use.</param>
/// <param name="abort">Cuts the connection so that pending reads and writes fail; may be called more than once and from any thread.</param>
/// <param name="time">The clock of <see cref="Check"/>.</param>
public sealed class WebSocketLink(Stream stream, WebSocketRole role, WebSocketLimits limits, Action abort, TimeProvider time) : IDisposable
{
    private const int LongestReason = 123;
    private readonly Lock _gate = new();
    private readonly Lock _cutting = new();
    private readonly OutgoingFrames _outgoing = new(role);
    private readonly IncomingFrames _incoming = new(role, limits.LargestMessage);
    private bool _isWriting;
    private bool _isSealed;
    private bool _isBroken;
    private bool _isDisposed;
    private bool _wantsRoom;
    private volatile bool _isHolding;
    private long _writeStarted;
    private long _lastHeard = time.GetTimestamp();
    private long _pingedAt;

    /// <summary>Who takes what arrives; set before anything is sent or received.</summary>
    public IWebSocketReceiver? Receiver { get; set; }

    /// <summary>True when the line was given up because the peer did not read what was sent.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Bytes that wait to be written.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
                return _outgoing.Pending;
        }
    }

    /// <summary>Sends a message.</summary>
    /// <returns>False when more waits than should: hold what can wait until <see cref="IWebSocketReceiver.OnRoom"/>.</returns>
    public bool Send(Opcode opcode, ReadOnlySpan<byte> payload) => Send(opcode, new BytesPayload(payload));

    /// <summary>Sends a message that writes itself into the outgoing buffer.</summary>
    /// <returns>As for <see cref="Send(Opcode, ReadOnlySpan{byte})"/>.</returns>
    public bool Send<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        lock (_gate)
        {
            if (_isSealed)
                return true; // the line is closing; nobody will read it
            if (_outgoing.Pending + payload.Length > limits.HardLimit)
            {
                IsTooSlow = true;
                Break();
                return true;
            }

            _outgoing.Add(opcode, payload);
            if (!_isWriting)
                Write();
            return HasRoom();
        }
    }

    /// <summary>Says goodbye after what is queued; later messages are dropped. The peer's answer ends the receive loop.</summary>
    public void Close(int code, string reason)
    {
        Span<byte> payload = stackalloc byte[2 + LongestReason];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        Encoding.UTF8.TryGetBytes(Shorten(reason), payload[2..], out int length);
        lock (_gate)
        {
            if (_isSealed)
                return;
            Send(Opcode.Close, payload[..(2 + length)]);
            _isSealed = true;
        }
    }

    /// <summary>Cuts the line without a goodbye.</summary>
    public void Abort()
    {
        lock (_gate)
            Break();
    }

    /// <summary>
    /// Receives until the line ends, however it ends, or the peer breaks the rules; then the caller closes with the fault's code and may
    /// <see cref="DrainAsync"/>. Called once.
    /// </summary>
    public async Task<WebSocketClosure> ReceiveAsync()
    {
        var receiver = Receiver ?? throw new InvalidOperationException("There is no receiver.");
        try
        {
            while (true)
            {
                while (_incoming.TryRead(out var message))
                {
                    if (message.Opcode is Opcode.Text or Opcode.Binary)
                    {
                        var handled = receiver.OnMessageAsync(message.Opcode, message.Payload);
                        if (!handled.IsCompletedSuccessfully)
                        {
                            _isHolding = true;
                            await handled;
                            _isHolding = false;
                            Volatile.Write(ref _lastHeard, time.GetTimestamp());
                        }
                    }
                    else if (message.Opcode == Opcode.Close)
                    {
                        var closure = message.Closure;
                        Close(closure.Code == WebSocketClosure.NoCode ? WebSocketClosure.Normal : closure.Code, "");
                        return closure;
                    }
                    else if (message.Opcode == Opcode.Ping)
                    {
                        Send(Opcode.Pong, message.Payload.Span);
                    }
                }

                if (_incoming.Fault is { } fault)
                    return new WebSocketClosure(WebSocketClosure.Lost, fault.Reason, fault);

                int read = await stream.ReadAsync(_incoming.GetRoom());
                if (read == 0)
                    return WebSocketClosure.Broken("the connection ended without a close frame");
                _incoming.Advance(read);
                Volatile.Write(ref _lastHeard, time.GetTimestamp());
            }
        }
        catch (Exception exception) when (IsLineFault(exception))
        {
            return WebSocketClosure.Broken(IsTooSlow ? "the peer did not read in time" : "the connection broke");
        }
        finally
        {
            _incoming.Dispose();
        }
    }

    /// <summary>
    /// Reads and drops what still comes until the peer is gone: closing a TCP connection with unread data resets it, which takes from the peer what we
    /// sent last.
    /// </summary>
    public async Task DrainAsync()
    {
        var scrap = ArrayPool<byte>.Shared.Rent(4096);
        try
        {
            while (await stream.ReadAsync(scrap) > 0)
            {
            }
        }
        catch (Exception exception) when (IsLineFault(exception))
        {
            // gone
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scrap);
        }
    }

    /// <summary>Looks at the deadlines: a stuck write, a silent peer. To be called about once a second.</summary>
    public void Check()
    {
        lock (_gate)
        {
            if (_isBroken)
                return;
            long now = time.GetTimestamp();
            if (_isWriting && time.GetElapsedTime(_writeStarted, now) > limits.WriteTimeout)
            {
                IsTooSlow = true;
                Break();
                return;
            }

            // While a receiver holds us back we do not read, so silence says nothing about the peer.
            long heard = _isHolding ? now : Volatile.Read(ref _lastHeard);
            if (time.GetElapsedTime(heard, now) <= limits.PingAfter)
            {
                _pingedAt = 0;
            }
            else if (_pingedAt == 0)
            {
                _pingedAt = now;
                Send(Opcode.Ping, default(ReadOnlySpan<byte>));
            }
            else if (time.GetElapsedTime(_pingedAt, now) > limits.PongTimeout)
            {
                Break();
            }
        }
    }

    /// <summary>Nothing is sent and the connection is not touched any more. Its owner closes it.</summary>
    public void Dispose()
    {
        lock (_cutting)
            _isDisposed = true;
        lock (_gate)
        {
            _isSealed = _isBroken = true;
            _outgoing.Dispose();
        }
    }

    private bool HasRoom()
    {
        if (_outgoing.Pending <= limits.SoftLimit)
            return true;
        _wantsRoom = true;
        return false;
    }

    // Under the lock. Writes until nothing is left or a write does not complete at once.
    private void Write()
    {
        _isWriting = true;
        while (!_isBroken && _outgoing.TryTake(out var bytes))
        {
            _writeStarted = time.GetTimestamp();
            try
            {
                var write = stream.WriteAsync(bytes);
                if (!write.IsCompleted)
                {
                    _ = FinishWriteAsync(write);
                    return;
                }

                write.GetAwaiter().GetResult();
            }
            catch (Exception exception) when (IsLineFault(exception))
            {
                Break();
                return;
            }

            _outgoing.Written();
        }

        _isWriting = false;
    }

    private async Task FinishWriteAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (Exception exception) when (IsLineFault(exception))
        {
            Abort();
            return;
        }

        bool hasRoom;
        lock (_gate)
        {
            _outgoing.Written();
            Write();
            hasRoom = _wantsRoom && _outgoing.Pending <= limits.SoftLimit / 2;
            if (hasRoom)
                _wantsRoom = false;
        }

        if (hasRoom)
            Receiver?.OnRoom();
    }

    private void Break()
    {
        _isSealed = true;
        if (_isBroken)
            return;
        _isBroken = true;
        _outgoing.Dispose();
        // Not here: whoever waits on the connection may go on in this call, under our lock and its callers'.
        ThreadPool.UnsafeQueueUserWorkItem(static link => link.Cut(), this, preferLocal: false);
    }

    private void Cut()
    {
        lock (_cutting)
        {
            // The owner's connection object may serve another request by now.
            if (!_isDisposed)
                abort();
        }
    }

    private static string Shorten(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > LongestReason)
            reason = reason[..^1];
        return reason;
    }

    private static bool IsLineFault(Exception exception) =>
        exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
