using Org.BouncyCastle.Tls;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// The datagrams below DTLS. During the handshake whoever reads waits for them, on a thread of <see cref="HandshakeThreads"/>; afterwards nobody ever waits: what comes in is
/// handed over and read at once, on the thread that it came in on.
/// </summary>
/// <param name="send">Sends to the peer, or loses.</param>
internal sealed class DtlsDatagrams(DtlsDatagrams.Sender send) : DatagramTransport
{
    private const int ReceiveLimit = 2048;
    private const int SendLimit = 1200;
    private const int MostWaiting = 32;
    private readonly object _gate = new();
    private readonly Queue<byte[]> _waiting = new();
    private bool _isHandshake = true;
    private bool _isClosed;

    /// <summary>Sends a datagram to the peer.</summary>
    public delegate void Sender(ReadOnlySpan<byte> datagram);

    /// <summary>DTLS has closed it: the peer said goodbye, or something fatal happened.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>Something has come in that was not read yet.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count > 0;
        }
    }

    /// <summary>Hands over a datagram that came in. What finds no room is lost, as on the network.</summary>
    public void Offer(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (_isClosed || datagram.Length > ReceiveLimit || _waiting.Count >= MostWaiting || DtlsRecords.HasForged(datagram))
                return;
            _waiting.Enqueue(datagram.ToArray());
            if (_isHandshake)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Nobody waits from now on.</summary>
    public void EndHandshake()
    {
        lock (_gate)
            _isHandshake = false;
    }

    /// <inheritdoc/>
    public int GetReceiveLimit()
    {
        // After the handshake: the record layer asks before each read whether it found something or not, and would go on reading for a millisecond. Its own
        // exception for "nothing came in time" is the one way out that leaves it unharmed.
        lock (_gate)
        {
            if (!_isHandshake && _waiting.Count == 0)
                throw new TlsTimeoutException("Nothing waits.");
        }

        return ReceiveLimit;
    }

    /// <inheritdoc/>
    public int GetSendLimit() => SendLimit;

    /// <inheritdoc/>
    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    /// <inheritdoc/>
    public int Receive(Span<byte> buffer, int waitMillis)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && _isHandshake && !_isClosed)
                Monitor.Wait(_gate, waitMillis <= 0 ? Timeout.Infinite : waitMillis);
            if (_isClosed)
                throw new EndOfStreamException("The call is over.");
            if (!_waiting.TryDequeue(out byte[]? datagram))
                return -1;
            datagram.AsSpan(0, Math.Min(datagram.Length, buffer.Length)).CopyTo(buffer);
            return Math.Min(datagram.Length, buffer.Length);
        }
    }

    /// <inheritdoc/>
    public void Send(byte[] buf, int off, int len) => send(buf.AsSpan(off, len));

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> buffer) => send(buffer);

    /// <inheritdoc/>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _waiting.Clear();
            Monitor.PulseAll(_gate);
        }
    }
}
