using System.Buffers;
using System.Net;
using System.Net.Sockets;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>
/// A caller's connection to a passive candidate (RFC 6544), with datagrams behind their lengths (RFC 4571). What finds no room to be sent is lost, as on UDP: sound that waited would be late
/// for ever, and all else is sent again. Thread-safe.
/// </summary>
internal sealed class TcpConnection : IDatagramEnd, IDisposable
{
    private const int MostWaiting = 32 * 1024;
    private const int SystemBuffer = 64 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);
    private readonly Socket _socket;
    private readonly SocketAddress _remote;
    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte> _waiting = new();
    private ArrayBufferWriter<byte> _leaving = new();
    private bool _isSending;
    private bool _isLeaving;
    private volatile bool _isHeld;

    /// <summary>Takes an accepted connection over.</summary>
    /// <exception cref="SocketException">It is gone already.</exception>
    public TcpConnection(int number, Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.SendBufferSize = SystemBuffer;
        Number = number;
        Local = (IPEndPoint)socket.LocalEndPoint!;
        _remote = socket.RemoteEndPoint!.Serialize();
    }

    /// <inheritdoc/>
    public int Number { get; }

    /// <inheritdoc/>
    public IceTransport Transport => IceTransport.Tcp;

    /// <inheritdoc/>
    public IPEndPoint Local { get; }

    /// <summary>A peer uses it; until then it is a stranger's.</summary>
    public bool IsHeld => _isHeld;

    /// <summary>Reads until the other side closes, breaks the framing, or does not prove itself in time.</summary>
    public async Task RunAsync(IDatagramReceiver receiver, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        var buffer = new byte[StreamFraming.HeaderLength + StreamFraming.MaxFrame];
        int used = 0;
        try
        {
            while (true)
            {
                int read = await _socket.ReceiveAsync(buffer.AsMemory(used), _isHeld ? CancellationToken.None : limit.Token).ConfigureAwait(false);
                if (read == 0 || !TakeFrames(buffer, used + read, receiver, out used))
                    return;
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // gone, or told to go
        }
        finally
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> datagram, SocketAddress remote)
    {
        lock (_gate)
        {
            int length = StreamFraming.HeaderLength + datagram.Length;
            if (_isLeaving || _waiting.WrittenCount + length > MostWaiting)
                return;
            var frame = _waiting.GetSpan(length);
            StreamFraming.WriteHeader(frame, datagram.Length);
            datagram.CopyTo(frame[StreamFraming.HeaderLength..]);
            _waiting.Advance(length);
            if (_isSending)
                return;
            _isSending = true;
        }

        _ = SendWaitingAsync();
    }

    /// <inheritdoc/>
    public void Hold() => _isHeld = true;

    /// <inheritdoc/>
    public void Release()
    {
        lock (_gate)
        {
            // The goodbye goes out first, if the caller takes it.
            _isLeaving = true;
            if (_isSending)
            {
                _ = Task.Delay(Farewell).ContinueWith(static (_, connection) => ((TcpConnection)connection!).Dispose(), this, TaskScheduler.Default);
                return;
            }
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // Whole frames are handed on, what is left of the next moves to the front.
    private bool TakeFrames(byte[] buffer, int length, IDatagramReceiver receiver, out int left)
    {
        int at = 0;
        while (true)
        {
            var status = StreamFraming.TryRead(buffer.AsSpan(at, length - at), out _, out int consumed);
            if (status == StreamFrameStatus.Complete)
            {
                if (consumed > StreamFraming.HeaderLength)
                    receiver.Receive(this, buffer.AsSpan(at + StreamFraming.HeaderLength, consumed - StreamFraming.HeaderLength), _remote);
                at += consumed;
                continue;
            }

            left = length - at;
            Buffer.BlockCopy(buffer, at, buffer, 0, left);
            return status == StreamFrameStatus.Incomplete;
        }
    }

    private async Task SendWaitingAsync()
    {
        try
        {
            while (TakeWaiting())
            {
                for (var rest = _leaving.WrittenMemory; !rest.IsEmpty;)
                    rest = rest[await _socket.SendAsync(rest).ConfigureAwait(false)..];
                _leaving.ResetWrittenCount();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The reader finds out, too; the caller's consent runs out unless it comes another way.
            Dispose();
        }
    }

    private bool TakeWaiting()
    {
        lock (_gate)
        {
            (_waiting, _leaving) = (_leaving, _waiting);
            _isSending = _leaving.WrittenCount > 0;
            if (!_isSending && _isLeaving)
                Dispose();
            return _isSending;
        }
    }
}
