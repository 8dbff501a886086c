using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// The sending half of an association (RFC 9260, sections 6 and 7): cuts messages into chunks, keeps them until they are acknowledged, finds out which were
/// lost, and sends no faster than congestion and receive window allow.
/// </summary>
/// <remarks>
/// Without I-DATA the pieces of two messages must not mix, so messages leave in the order they came in. Loss is found by order of sending, not of TSNs: a chunk
/// is taken for lost when three packets that were sent after it have arrived. That is section 7.2.4 for what was sent once, and goes on to work for what was
/// sent again, where the section leaves everything to the timer.
/// </remarks>
internal sealed class OutboundData(SctpOptions options, uint initialTsn, uint peerWindow, RoundTripEstimate roundTrip)
{
    private const int MaxOutstanding = 2048;
    private const int MaxMessages = 16 * 1024;
    private const int LossThreshold = 3;
    private readonly CongestionWindow _window = new(options);
    private readonly Queue<Message> _messages = new();
    private readonly List<OutboundChunk> _outstanding = [];
    private readonly List<long> _arrivedPackets = [];
    private readonly Dictionary<ushort, ushort> _sequences = [];
    private int _offset;
    private uint _nextTsn = initialTsn;
    private uint _acknowledged = initialTsn - 1;
    private long _packet;
    private int _flight;
    private long _peerWindow = peerWindow;
    private bool _resendAtOnce;
    private uint? _recoveryEnd;
    private int _timeouts;

    /// <summary>Bytes that are not acknowledged, sent or not.</summary>
    public int Buffered { get; private set; }

    /// <summary>Everything has been sent and acknowledged.</summary>
    public bool IsEmpty => _messages.Count == 0 && _outstanding.Count == 0;

    /// <summary>The last TSN given out.</summary>
    public uint LastTsn => _nextTsn - 1;

    /// <summary>There may be something to be sent at once.</summary>
    public bool HasWork => _flight < _window.Size && (_messages.Count > 0 || _outstanding.Exists(chunk => chunk.IsLost));

    /// <summary>Time-outs in a row without any SACK: a peer that keeps its window closed is there all the same.</summary>
    public int Unanswered { get; private set; }

    /// <summary>When <see cref="OnTimeout"/> is due (T3-rtx).</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>Chunks sent again, ever.</summary>
    public long Resent { get; private set; }

    /// <summary>Takes a message to be sent; copies it.</summary>
    /// <returns>False when the buffer is full.</returns>
    public bool TryAdd(ushort stream, uint payloadProtocol, ReadOnlySpan<byte> payload, bool ordered)
    {
        if (Buffered + payload.Length > options.SendBuffer || _messages.Count == MaxMessages)
            return false;
        Buffered += payload.Length;
        if (_flight == 0)
            _window.LimitBurst(0);
        _messages.Enqueue(new Message(stream, payloadProtocol, payload.ToArray(), ordered));
        return true;
    }

    /// <summary>Whether something of a stream has not been sent at all yet.</summary>
    public bool HasUnsent(ushort stream)
    {
        foreach (var message in _messages)
        {
            if (message.Stream == stream)
                return true;
        }

        return false;
    }

    /// <summary>Sequence numbers of a stream begin anew.</summary>
    public void ResetStream(ushort stream) => _sequences.Remove(stream);

    /// <summary>Adds to a packet what may be sent now.</summary>
    public void Write(ref SctpPacketWriter writer, TimeSpan now)
    {
        int before = writer.Length;
        bool resending = Resend(ref writer, now);
        if (!resending)
            SendNew(ref writer, now);
        if (writer.Length == before)
            return;
        _packet++;
        Deadline ??= now + roundTrip.Timeout(_timeouts);
    }

    /// <summary>Reads a SACK (section 3.3.4): cumulative TSN, window, counts, gap blocks, duplicates.</summary>
    /// <returns>False when it acknowledges what was never sent, or its counts exceed its length.</returns>
    public bool OnSack(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (body.Length < 12)
            return false;
        uint cumulative = BinaryPrimitives.ReadUInt32BigEndian(body);
        int blocks = BinaryPrimitives.ReadUInt16BigEndian(body[8..]);
        if (body.Length < 12 + 4 * (blocks + BinaryPrimitives.ReadUInt16BigEndian(body[10..])) || (int)(cumulative - LastTsn) > 0)
            return false;
        // One that was overtaken by a later one.
        if ((int)(cumulative - _acknowledged) < 0)
            return true;

        Unanswered = 0;
        int flightBefore = _flight;
        _arrivedPackets.Clear();
        OutboundChunk? latest = null;
        int removed = (int)(cumulative - _acknowledged);
        int bytes = 0;
        for (int i = 0; i < removed; i++)
        {
            bytes += _outstanding[i].Data.Length;
            Arrived(_outstanding[i], ref latest);
        }

        _outstanding.RemoveRange(0, removed);
        Buffered -= bytes;
        _acknowledged = cumulative;
        ReadGaps(body.Slice(12, 4 * blocks), ref latest);

        if (latest is not null)
        {
            _timeouts = 0;
            if (!latest.IsResent)
                roundTrip.Measure(now - latest.SentAt);
        }

        if (_recoveryEnd is { } end && (int)(cumulative - end) >= 0)
            _recoveryEnd = null;
        if (removed > 0 && _recoveryEnd is null)
            _window.OnAcknowledged(bytes, flightBefore);
        bool firstLost = FindLosses();
        _window.LimitBurst(_flight);
        _peerWindow = BinaryPrimitives.ReadUInt32BigEndian(body[4..]) - _flight;
        if (_outstanding.Count == 0)
            Deadline = null;
        else if (removed > 0 || firstLost)
            Deadline = now + roundTrip.Timeout(_timeouts);
        return true;
    }

    /// <summary>A cumulative TSN by itself, as SHUTDOWN carries it.</summary>
    public bool OnCumulative(uint cumulative, TimeSpan now)
    {
        Span<byte> sack = stackalloc byte[12];
        sack.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(sack, cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(sack[4..], (uint)Math.Max(0, _peerWindow + _flight));
        return OnSack(sack, now);
    }

    /// <summary>The timer T3-rtx has run out (section 6.3.3): all in flight is taken for lost.</summary>
    public void OnTimeout(TimeSpan now)
    {
        _timeouts++;
        Unanswered++;
        _window.OnTimeout();
        _recoveryEnd = null;
        foreach (var chunk in _outstanding)
        {
            if (!chunk.IsAcknowledged)
                Lose(chunk);
        }

        Deadline = _outstanding.Count > 0 ? now + roundTrip.Timeout(_timeouts) : null;
    }

    private bool Resend(ref SctpPacketWriter writer, TimeSpan now)
    {
        bool any = false;
        foreach (var chunk in _outstanding)
        {
            if (!chunk.IsLost)
                continue;
            any = true;
            // The first packet after a loss was found goes out whatever the window says (section 7.2.4, step 3).
            if (!_resendAtOnce && _flight >= _window.Size)
                break;
            if (!chunk.TryWrite(ref writer))
                break;
            chunk.IsResent = true;
            Resent++;
            Sent(chunk, now);
        }

        _resendAtOnce = false;
        return any;
    }

    private void SendNew(ref SctpPacketWriter writer, TimeSpan now)
    {
        while (_messages.TryPeek(out var message) && _outstanding.Count < MaxOutstanding && _flight < _window.Size)
        {
            int length = Math.Min(options.MaxDataLength, message.Payload.Length - _offset);
            // With nothing in flight one chunk may go out into a closed window, to find out when it opens (section 6.1, rule A).
            if (length > _peerWindow && _flight > 0)
                return;
            if (writer.Room < OutboundChunk.HeaderLength + length)
                return;
            bool last = _offset + length == message.Payload.Length;
            ushort sequence = _sequences.GetValueOrDefault(message.Stream);
            var chunk = new OutboundChunk
            {
                Tsn = _nextTsn++,
                Stream = message.Stream,
                Sequence = message.IsOrdered ? sequence : (ushort)0,
                PayloadProtocol = message.PayloadProtocol,
                // The last piece of all there is asks to be acknowledged at once (RFC 7053): nothing will follow that could do it.
                Flags = (byte)((_offset == 0 ? OutboundChunk.BeginFlag : 0) | (last ? OutboundChunk.EndFlag : 0)
                    | (message.IsOrdered ? 0 : OutboundChunk.UnorderedFlag) | (last && _messages.Count == 1 ? OutboundChunk.ImmediateFlag : 0)),
                Data = message.Payload.AsMemory(_offset, length),
            };
            chunk.TryWrite(ref writer);
            _outstanding.Add(chunk);
            _peerWindow -= length;
            Sent(chunk, now);
            _offset += length;
            if (!last)
                continue;
            _messages.Dequeue();
            _offset = 0;
            if (message.IsOrdered)
                _sequences[message.Stream] = (ushort)(sequence + 1);
        }
    }

    private void Sent(OutboundChunk chunk, TimeSpan now)
    {
        chunk.IsLost = false;
        chunk.Misses = 0;
        chunk.SentAt = now;
        chunk.Packet = _packet;
        chunk.IsInFlight = true;
        _flight += chunk.Data.Length;
    }

    private void Lose(OutboundChunk chunk)
    {
        chunk.IsLost = true;
        if (chunk.IsInFlight)
            _flight -= chunk.Data.Length;
        chunk.IsInFlight = false;
    }

    private void Arrived(OutboundChunk chunk, ref OutboundChunk? latest)
    {
        if (chunk.IsInFlight)
            _flight -= chunk.Data.Length;
        chunk.IsInFlight = false;
        chunk.IsLost = false;
        if (chunk.IsAcknowledged)
            return;
        chunk.IsAcknowledged = true;
        if (latest is null || chunk.Packet > latest.Packet)
            latest = chunk;
        if (_arrivedPackets.Count == 0 || _arrivedPackets[^1] != chunk.Packet)
            _arrivedPackets.Add(chunk.Packet);
    }

    /// <summary>Blocks are offsets from the cumulative TSN, in rising order; what is not in order is not looked at.</summary>
    private void ReadGaps(ReadOnlySpan<byte> blocks, ref OutboundChunk? latest)
    {
        int next = 0;
        for (; blocks.Length >= 4; blocks = blocks[4..])
        {
            int start = BinaryPrimitives.ReadUInt16BigEndian(blocks) - 1;
            int end = BinaryPrimitives.ReadUInt16BigEndian(blocks[2..]) - 1;
            if (start < next || end < start || start >= _outstanding.Count)
                break;
            for (; next < start; next++)
                Missing(_outstanding[next]);
            for (; next <= end && next < _outstanding.Count; next++)
                Arrived(_outstanding[next], ref latest);
        }

        for (; next < _outstanding.Count; next++)
            Missing(_outstanding[next]);
    }

    /// <summary>A receiver may take back what a gap block said (section 6.2.1).</summary>
    private void Missing(OutboundChunk chunk)
    {
        if (!chunk.IsAcknowledged)
            return;
        chunk.IsAcknowledged = false;
        chunk.IsInFlight = true;
        _flight += chunk.Data.Length;
    }

    /// <summary>Marks what has been overtaken often enough.</summary>
    /// <returns>Whether the earliest chunk is among it.</returns>
    private bool FindLosses()
    {
        if (_arrivedPackets.Count == 0)
            return false;
        // With little in flight there will never be three later packets (early retransmit, RFC 5827, section 3.1).
        int threshold = _messages.Count == 0 && _outstanding.Count <= LossThreshold ? Math.Max(1, _outstanding.Count - 1) : LossThreshold;
        bool any = false;
        foreach (var chunk in _outstanding)
        {
            if (!chunk.IsInFlight)
                continue;
            foreach (long packet in _arrivedPackets)
            {
                if (packet > chunk.Packet && ++chunk.Misses >= threshold)
                    break;
            }

            if (chunk.Misses < threshold)
                continue;
            Lose(chunk);
            any = true;
        }

        if (!any)
            return false;
        _resendAtOnce = true;
        if (_recoveryEnd is null)
        {
            _recoveryEnd = LastTsn;
            _window.OnLoss();
        }

        return _outstanding[0].IsLost;
    }

    private sealed record Message(ushort Stream, uint PayloadProtocol, byte[] Payload, bool IsOrdered);
}
