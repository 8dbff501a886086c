using Org.BouncyCastle.Tls;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// The datagrams below DTLS. During the handshake whoever reads waits for them, on a thread of <see cref="HandshakeThreads"/>; afterwards nobody ever waits: what comes in is
/// handed over and read at once, on the thread that it came in on.
/// <para>
/// On a line that loses much the library alone takes minutes: it waits twice as long for each further copy of a flight, and sends its last flight again only when all of the peer's has
/// come once more. So the last flight is kept (<see cref="LastFlight"/>) and sent again from here, record for record, which the peer takes for what the network doubled
/// (RFC 6347, section 4.1.2.6).
/// </para>
/// </summary>
/// <param name="send">Sends to the peer, or loses.</param>
internal sealed class DtlsDatagrams(DtlsDatagrams.Sender send) : DatagramTransport
{
    private const int ReceiveLimit = 2048;
    private const int SendLimit = 1200;
    private const int MostWaiting = 32;
    private readonly object _gate = new();
    // Browsers double their wait as well, from 50 ms on; a call that is not there after some seconds is given up by whoever makes it.
    private const int LongestWaitMilliseconds = 500;
    private readonly Queue<byte[]> _waiting = new();
    private readonly LastFlight _flight = new();
    private readonly ClientFlight _client = new();
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
        byte[][] again = [];
        lock (_gate)
        {
            if (_isClosed || datagram.Length > ReceiveLimit || _waiting.Count >= MostWaiting || DtlsRecords.HasForged(datagram))
                return;
            if (_isHandshake)
                datagram = _client.Admit(datagram);
            if (datagram.IsEmpty)
                return;
            _waiting.Enqueue(datagram.ToArray());
            if (_isHandshake)
                Monitor.Pulse(_gate);
            else if (DtlsRecords.HasData(datagram))
                _flight.Clear(); // whoever sends data has it
            else if (DtlsRecords.EndsFlight(datagram))
                again = _flight.TakeCopy();
        }

        SendAll(again);
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
        int left = waitMillis <= 0 ? int.MaxValue : waitMillis;
        while (true)
        {
            byte[][] again;
            lock (_gate)
            {
                _flight.End();
                int wait = Math.Min(left, LongestWaitMilliseconds);
                if (_waiting.Count == 0 && _isHandshake && !_isClosed)
                    Monitor.Wait(_gate, wait);
                if (_isClosed)
                    throw new EndOfStreamException("The call is over.");
                if (_waiting.TryDequeue(out byte[]? datagram))
                {
                    datagram.AsSpan(0, Math.Min(datagram.Length, buffer.Length)).CopyTo(buffer);
                    return Math.Min(datagram.Length, buffer.Length);
                }

                left -= wait;
                // When its time is up the library sends a copy of its own.
                if (!_isHandshake || left <= 0)
                    return -1;
                again = _flight.TakeCopy();
            }

            SendAll(again);
        }
    }

    /// <inheritdoc/>
    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> buffer)
    {
        lock (_gate)
        {
            if (_isHandshake)
                _flight.Add(buffer);
        }

        send(buffer);
    }

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

    // Not under the lock: what is sent may come straight back.
    private void SendAll(byte[][] datagrams)
    {
        foreach (byte[] datagram in datagrams)
            send(datagram);
    }
}
