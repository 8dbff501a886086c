namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// One SCTP association (RFC 9260) over a line that carries datagrams, such as DTLS (RFC 8261): handshake from either side, reliable streams, stream reset,
/// shutdown. Bytes and time in; bytes, events and the next deadline out. Not thread-safe.
/// </summary>
/// <remarks>
/// After each input take all events with <see cref="TryTakeEvent"/>, then all packets with <see cref="TryTakeTransmit"/>; messages not taken close the window
/// that the peer may send into. Packets that make no sense are dropped; what breaks the protocol ends the association with an event, never with an exception.
/// </remarks>
public sealed class SctpAssociation
{
    /// <summary>Random bytes that the constructor wants.</summary>
    public const int EntropyLength = 32;

    private const ushort UserAbort = 12;
    private readonly SctpOptions _options;
    private readonly TransmissionControlBlock _block;
    private readonly Handshake _handshake;
    private readonly ShutdownSequence _shutdown;
    private readonly Heartbeats _heartbeats;
    private readonly ChunkDispatch _chunks;

    /// <summary>Begins closed. A peer that connects is answered; to connect ourselves there is <see cref="Connect"/>.</summary>
    /// <param name="options">Sizes and times.</param>
    /// <param name="entropy"><see cref="EntropyLength"/> bytes of a cryptographic generator.</param>
    public SctpAssociation(SctpOptions options, ReadOnlySpan<byte> entropy)
    {
        if (entropy.Length < EntropyLength)
            throw new ArgumentException($"An association takes {EntropyLength} random bytes.", nameof(entropy));
        _options = options;
        _block = new TransmissionControlBlock(options, new SctpSecrets(entropy));
        _heartbeats = new Heartbeats(_block);
        _handshake = new Handshake(_block, _heartbeats);
        _shutdown = new ShutdownSequence(_block);
        _chunks = new ChunkDispatch(_block, _handshake, _shutdown, _heartbeats);
    }

    /// <summary>How far it is.</summary>
    public SctpState State => _block.State;

    /// <summary>Bytes that are not acknowledged yet, sent or not.</summary>
    public int BufferedAmount => _block.Outbound?.Buffered ?? 0;

    /// <summary>The round trip, smoothed; null before the first measurement.</summary>
    public TimeSpan? RoundTrip => _block.RoundTrip.Smoothed;

    /// <summary>DATA chunks sent again, in this association.</summary>
    public long Retransmissions => _block.Outbound?.Resent ?? 0;

    /// <summary>Bytes that the peer may still send before the application has taken some.</summary>
    internal int Window => _block.Inbound?.Window ?? 0;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            var next = Earlier(_block.Timer.Deadline, _heartbeats.Deadline);
            next = Earlier(next, _block.Outbound?.Deadline);
            next = Earlier(next, _block.Inbound?.SackDeadline);
            return Earlier(next, _block.Resets?.Deadline);
        }
    }

    /// <summary>Begins the handshake from our side. Does nothing unless closed. Both sides may do so, which a lossy line makes worth while.</summary>
    public void Connect(TimeSpan now)
    {
        if (State == SctpState.Closed)
            _handshake.Connect(now);
    }

    /// <summary>Takes a message to be sent in order on a stream.</summary>
    /// <returns>
    /// False when nothing can be sent now: not connected, too much is waiting, or a reset of the stream is not through (RFC 6525, section 5.1.2). Try again when
    /// <see cref="BufferedAmount"/> has gone down.
    /// </returns>
    /// <exception cref="ArgumentException">The message is empty, which SCTP cannot carry.</exception>
    public bool TrySend(ushort stream, uint payloadProtocol, ReadOnlySpan<byte> message) => TrySend(stream, payloadProtocol, message, ordered: true);

    /// <summary>Takes a message to be sent on a stream, in order or not; otherwise the same.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="payloadProtocol">The kind of message (RFC 8831, section 8).</param>
    /// <param name="message">The message, which is copied.</param>
    /// <param name="ordered">False for a message that the peer is to have as soon as it is whole, whatever else is missing on the stream.</param>
    /// <returns>False when nothing can be sent now.</returns>
    /// <exception cref="ArgumentException">The message is empty, which SCTP cannot carry.</exception>
    public bool TrySend(ushort stream, uint payloadProtocol, ReadOnlySpan<byte> message, bool ordered)
    {
        if (message.Length == 0)
            throw new ArgumentException("SCTP carries no empty messages.", nameof(message));
        return State == SctpState.Established && !_block.Resets!.IsPending(stream) && _block.Outbound!.TryAdd(stream, payloadProtocol, message, ordered);
    }

    /// <summary>Resets our side of a stream once all that is queued for it has been sent. Does nothing unless connected to a peer that can.</summary>
    /// <returns>Whether <see cref="SctpEventKind.StreamResetDone"/> will follow.</returns>
    public bool ResetStream(ushort stream)
    {
        if (State != SctpState.Established || !_block.PeerResetsStreams)
            return false;
        _block.Resets!.Add(stream);
        return true;
    }

    /// <summary>Whether a reset of a stream of ours has not been answered yet.</summary>
    internal bool IsResetPending(ushort stream) => _block.Resets is not null && _block.Resets.IsPending(stream);

    /// <summary>
    /// The line leads elsewhere now, or is back after a while (a new pair of ICE candidates): what was known of it is forgotten, and what waits for a timer goes
    /// out at once.
    /// </summary>
    public void OnPathChanged(TimeSpan now)
    {
        if (!_block.IsUnderWay)
            return;
        _block.RoundTrip.Forget();
        _block.Outbound.OnPathChanged(now);
        _heartbeats.Hurry(now);
    }

    /// <summary>Ends in order: sends what is queued, takes nothing more.</summary>
    public void Shutdown(TimeSpan now)
    {
        if (State is SctpState.CookieWait or SctpState.CookieEchoed)
            Abort();
        else if (State == SctpState.Established)
            _shutdown.Begin(now);
    }

    /// <summary>Ends at once, and tells the peer.</summary>
    public void Abort() => _block.Abort(UserAbort, SctpCloseReason.Aborted);

    /// <summary>Takes the next event.</summary>
    public bool TryTakeEvent(out SctpEvent next) => _block.TryTakeEvent(out next);

    /// <summary>Receives a packet.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        if (SctpPacket.TryRead(bytes, out var packet) && packet.SourcePort == _options.RemotePort && packet.DestinationPort == _options.LocalPort)
            _chunks.Receive(packet, now);
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (now >= _block.Timer.Deadline)
            OnTimer(now);
        if (now >= _block.Outbound?.Deadline)
        {
            _block.Outbound.AdvanceTo(now);
            _block.GiveUpAfter(_block.Outbound.Unanswered);
        }

        if (now >= _block.Resets?.Deadline)
        {
            _block.Resets.OnTimeout();
            _block.GiveUpAfter(_block.Resets.Timeouts);
        }

        _heartbeats.AdvanceTo(now);
    }

    /// <summary>Writes the next packet to be sent.</summary>
    /// <param name="now">The caller's clock.</param>
    /// <param name="buffer">Where to; at least <see cref="SctpOptions.PacketSize"/> bytes.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <returns>False when there is nothing to send now.</returns>
    public bool TryTakeTransmit(TimeSpan now, Span<byte> buffer, out int length)
    {
        length = 0;
        uint tag = _block.Controls.NextTag ?? _block.PeerTag;
        var writer = new SctpPacketWriter(buffer[.._options.PacketSize], _options.LocalPort, _options.RemotePort, tag);
        if (_block.Controls.Write(ref writer, tag) && tag == _block.PeerTag && _block.IsUnderWay)
        {
            // Where a packet goes out anyway, what is owed rides along, in front of the data.
            if (_block.Inbound.OwesSack(now) || (_block.Inbound.SackDeadline is not null && _block.Outbound.HasWork))
                _block.Inbound.WriteSack(ref writer);
            if (State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownReceived)
            {
                _block.Resets.Write(ref writer, _block.Outbound, now, _block.RoundTrip);
                _block.Outbound.Write(ref writer, now);
            }
        }

        if (writer.IsEmpty)
            return false;
        length = writer.Finish();
        return true;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;

    private void OnTimer(TimeSpan now)
    {
        _block.GiveUpAfter(_block.Timer.Timeouts + 1);
        if (State is SctpState.CookieWait or SctpState.CookieEchoed)
            _handshake.OnTimer(now);
        else if (State is SctpState.ShutdownSent or SctpState.ShutdownAckSent)
            _shutdown.OnTimer(now);
        else
            _block.Timer.Stop();
    }
}
