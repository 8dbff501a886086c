namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// The sending half of an association (RFC 9260, sections 6 and 7): cuts messages into chunks, keeps them until they are acknowledged, sends those again that
/// were lost, and sends no faster than congestion and receive window allow.
/// </summary>
internal sealed class OutboundData(SctpOptions options, uint initialTsn, uint peerWindow, RoundTripEstimate roundTrip)
{
    private const int MaxOutstanding = 2048;
    private readonly SendQueue _queue = new(options);
    private readonly OutstandingChunks _outstanding = new(initialTsn);
    private readonly CongestionWindow _window = new(options);
    private readonly LossDetection _losses = new(roundTrip);
    private readonly RetransmissionTimers _timers = new(roundTrip);
    private long _packet;
    private long _measureFrom;
    private long _peerWindow = peerWindow;
    // Packets that go out whatever the window says.
    private int _urgent;
    private bool _isProbing;
    private uint? _recoveryEnd;

    /// <summary>Bytes that are not acknowledged, sent or not.</summary>
    public int Buffered { get; private set; }

    /// <summary>Everything has been sent and acknowledged.</summary>
    public bool IsEmpty => _queue.IsEmpty && _outstanding.Count == 0;

    /// <summary>The last TSN given out.</summary>
    public uint LastTsn => _outstanding.LastTsn;

    /// <summary>There may be something to be sent at once.</summary>
    public bool HasWork => _isProbing || (_outstanding.Flight < _window.Size && (!_queue.IsEmpty || _outstanding.Lost > 0));

    /// <summary>Time-outs in a row without any SACK: a peer that keeps its window closed is there all the same.</summary>
    public int Unanswered { get; private set; }

    /// <summary>When <see cref="AdvanceTo"/> is due.</summary>
    public TimeSpan? Deadline => _losses.Deadline is { } late && !(_timers.Deadline < late) ? late : _timers.Deadline;

    /// <summary>Chunks sent again, ever.</summary>
    public long Resent { get; private set; }

    /// <summary>Takes a message to be sent; copies it.</summary>
    /// <returns>False when the buffer is full.</returns>
    public bool TryAdd(ushort stream, uint payloadProtocol, ReadOnlySpan<byte> payload, bool ordered)
    {
        if (Buffered + payload.Length > options.SendBuffer || _queue.IsFull)
            return false;
        Buffered += payload.Length;
        if (_outstanding.Flight == 0)
            _window.LimitBurst(0);
        _queue.Add(stream, payloadProtocol, payload, ordered);
        return true;
    }

    /// <summary>Whether something of a stream has not been sent at all yet.</summary>
    public bool HasUnsent(ushort stream) => _queue.Holds(stream);

    /// <summary>Sequence numbers of a stream begin anew.</summary>
    public void ResetStream(ushort stream) => _queue.ResetStream(stream);

    /// <summary>Adds to a packet what may be sent now.</summary>
    public void Write(ref SctpPacketWriter writer, TimeSpan now)
    {
        int before = writer.Length;
        SendAgain(ref writer, now);
        if (_outstanding.Lost == 0)
            SendNew(ref writer, now);
        if (_isProbing && writer.Length == before && _outstanding.FirstMissing() is { } first)
            TrySendAgain(first, ref writer, now);
        _isProbing = false;
        if (writer.Length == before)
            return;
        _urgent = Math.Max(0, _urgent - 1);
        _packet++;
        _timers.OnSent(now);
    }

    /// <summary>Reads a SACK.</summary>
    /// <returns>False when it acknowledges what was never sent, or cannot be read.</returns>
    public bool OnSack(ReadOnlySpan<byte> body, TimeSpan now) => SackChunk.TryRead(body, out var sack) && OnSack(sack, now);

    /// <summary>A cumulative TSN by itself, as SHUTDOWN carries it.</summary>
    public bool OnCumulative(uint cumulative, TimeSpan now) =>
        OnSack(new SackChunk { Cumulative = cumulative, Window = (uint)Math.Max(0, _peerWindow + _outstanding.Flight) }, now);

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (_timers.IsRetransmissionDue(now))
        {
            OnTimeout(now);
            return;
        }

        if (now >= _losses.Deadline)
            FindLosses(now);
        if (!_timers.IsProbeDue(now))
            return;
        _timers.OnProbe();
        _isProbing = true;
    }

    /// <summary>The line has changed: what is on its way on the old one is sent again, as at the start.</summary>
    public void OnPathChanged(TimeSpan now)
    {
        if (_outstanding.Count > 0)
            OnTimeout(now);
        Unanswered = 0;
        _window.Restart();
        _losses.Forget();
        _timers.Restart(now);
    }

    private bool OnSack(in SackChunk sack, TimeSpan now)
    {
        // One that was overtaken by a later one.
        if (_outstanding.IsOld(sack))
            return true;
        int flightBefore = _outstanding.Flight;
        _losses.Begin();
        if (!_outstanding.Acknowledge(sack, now, _losses, out int acknowledged))
            return false;
        Unanswered = 0;
        Buffered -= acknowledged;
        bool measures = _losses.Sample is not null && _losses.NewestPacket >= _measureFrom;
        if (measures)
        {
            // Once per round trip (section 6.3.1, rule C4).
            roundTrip.Measure(_losses.Sample!.Value);
            _measureFrom = _packet;
        }

        if (_losses.WasWrong)
        {
            _window.Undo();
            _outstanding.Unlose();
            _recoveryEnd = null;
        }

        if (_recoveryEnd is { } end && (int)(sack.Cumulative - end) >= 0)
            _recoveryEnd = null;
        if (acknowledged > 0 && _recoveryEnd is null)
            _window.OnAcknowledged(acknowledged, flightBefore);
        bool firstLost = FindLosses(now);
        _window.LimitBurst(_outstanding.Flight);
        _peerWindow = (long)sack.Window - _outstanding.Flight;
        if (_outstanding.Count == 0)
            _timers.Stop();
        else
            _timers.OnSack(now, _losses.HasProgress, measures, restarts: acknowledged > 0 || firstLost);
        return true;
    }

    /// <summary>T3-rtx has run out (section 6.3.3): all in flight is taken for lost.</summary>
    private void OnTimeout(TimeSpan now)
    {
        Unanswered++;
        _window.OnTimeout();
        _recoveryEnd = null;
        _isProbing = false;
        for (int i = 0; i < _outstanding.Count; i++)
        {
            if (_outstanding[i].IsInFlight)
                _outstanding.Lose(_outstanding[i]);
        }

        _timers.OnTimeout(now);
    }

    /// <summary>Looks for losses, and halves the window at the first of a round trip (section 7.2.4).</summary>
    /// <returns>Whether the earliest chunk is newly lost.</returns>
    private bool FindLosses(TimeSpan now)
    {
        bool firstWasLost = _outstanding.Count > 0 && _outstanding[0].IsLost;
        if (!_losses.Find(_outstanding, now))
            return false;
        // The first packet of what was lost goes out whatever the window says (step 3).
        _urgent = 1;
        if (_recoveryEnd is null)
        {
            _recoveryEnd = LastTsn;
            _losses.OnLoss();
            _window.OnLoss();
        }

        return _outstanding[0].IsLost && !firstWasLost;
    }

    private void SendAgain(ref SctpPacketWriter writer, TimeSpan now)
    {
        while (_outstanding.FirstLost() is { } chunk && (_isProbing || _urgent > 0 || _outstanding.Flight < _window.Size))
        {
            if (!TrySendAgain(chunk, ref writer, now))
                return;
        }
    }

    private bool TrySendAgain(OutboundChunk chunk, ref SctpPacketWriter writer, TimeSpan now)
    {
        if (!chunk.TryWrite(ref writer, immediate: true))
            return false;
        chunk.IsResent = true;
        Resent++;
        _outstanding.Sent(chunk, _packet, now);
        return true;
    }

    private void SendNew(ref SctpPacketWriter writer, TimeSpan now)
    {
        while (!_queue.IsEmpty && _outstanding.Count < MaxOutstanding && _outstanding.Flight < _window.Size)
        {
            int length = _queue.NextLength;
            // With nothing in flight one chunk may go out into a closed window, to find out when it opens (section 6.1, rule A).
            if ((length > _peerWindow && _outstanding.Flight > 0) || writer.Room < OutboundChunk.HeaderLength + length)
                return;
            var chunk = _outstanding.Add();
            _queue.Take(chunk);
            _outstanding.Sent(chunk, _packet, now);
            _peerWindow -= length;
            // The last that can be sent asks to be acknowledged at once (RFC 7053): nothing will follow that could do it.
            chunk.TryWrite(ref writer, immediate: _queue.IsEmpty || _outstanding.Flight >= _window.Size);
        }
    }
}
