using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// The receiving half of an association (RFC 9260, section 6.2): puts chunks in order of their TSNs, and messages together from them, and says what has arrived.
/// </summary>
/// <remarks>
/// A sender without I-DATA gives the pieces of a message consecutive TSNs, and an ordered stream its messages in order of TSNs. So delivery in order of TSNs is
/// right for all streams; a stream waits for losses on another, which reliable channels can bear.
/// </remarks>
internal sealed class InboundData(SctpOptions options, uint peerInitialTsn)
{
    private const int MaxGapBlocks = 64;
    private const int MaxDuplicates = 16;
    private const int MaxAhead = 4096;
    // What a chunk costs beside its data, so that many tiny ones do not slip through the limit.
    private const int ChunkCost = 64;
    private readonly SortedDictionary<long, Held> _ahead = [];
    private readonly List<uint> _duplicates = [];
    private readonly Queue<SctpEvent> _messages = new();
    private long _cumulative = (long)peerInitialTsn - 1;
    private byte[] _message = [];
    private int _messageLength;
    private bool _inMessage;
    private int _held;
    private int _packetsWithoutSack;
    private bool _sackAtOnce;
    private long _advertised = options.ReceiveBuffer;

    /// <summary>The last TSN before the first gap.</summary>
    public uint Cumulative => (uint)_cumulative;

    /// <summary>When a SACK is due; null when none is owed.</summary>
    public TimeSpan? SackDeadline { get; private set; }

    private int Window => Math.Max(0, options.ReceiveBuffer - _held);

    /// <summary>Takes the next whole message, or event of a stream.</summary>
    public bool TryTake(out SctpEvent message)
    {
        if (!_messages.TryDequeue(out message))
            return false;
        _held -= message.Payload.Length + ChunkCost;
        // A peer that was told of a closed window waits to be told that it is open again.
        if (_advertised < options.ReceiveBuffer / 4 && Window >= options.ReceiveBuffer / 2)
            _sackAtOnce = true;
        return true;
    }

    /// <summary>Lines up an event behind the messages that came before it.</summary>
    public void Add(SctpEvent streamEvent)
    {
        _held += ChunkCost;
        _messages.Enqueue(streamEvent);
    }

    /// <summary>Whether a SACK has to go out now.</summary>
    public bool OwesSack(TimeSpan now) => _sackAtOnce || now >= SackDeadline;

    /// <summary>Receives a DATA chunk.</summary>
    /// <returns>False when it breaks the rules.</returns>
    public bool Receive(byte flags, ReadOnlySpan<byte> body)
    {
        if (body.Length <= OutboundChunk.HeaderLength)
            return false;
        uint tsn = BinaryPrimitives.ReadUInt32BigEndian(body);
        long place = _cumulative + (int)(tsn - (uint)_cumulative);
        var data = body[OutboundChunk.HeaderLength..];
        _sackAtOnce |= (flags & OutboundChunk.ImmediateFlag) != 0;
        if (place <= _cumulative || _ahead.ContainsKey(place))
        {
            _sackAtOnce = true;
            if (_duplicates.Count < MaxDuplicates)
                _duplicates.Add(tsn);
            return true;
        }

        if (place > _cumulative + 1)
        {
            // A gap is told of at once. What does not fit is dropped: it will come again.
            _sackAtOnce = true;
            if (place <= _cumulative + MaxAhead && data.Length + ChunkCost <= Window)
            {
                _ahead.Add(place, new Held(flags, body.ToArray()));
                _held += data.Length + ChunkCost;
            }

            return true;
        }

        // The one that everything waits for is taken while the application has anything to take that would make room.
        if (Window == 0 && _messages.Count > 0)
        {
            _sackAtOnce = true;
            return true;
        }

        if (!Append(flags, body))
            return false;
        _cumulative++;
        while (_ahead.Remove(_cumulative + 1, out var next))
        {
            _held -= next.Body.Length - OutboundChunk.HeaderLength + ChunkCost;
            if (!Append(next.Flags, next.Body))
                return false;
            _cumulative++;
            _sackAtOnce = true;
        }

        return true;
    }

    /// <summary>A packet with data has been read: every second one is acknowledged at once, the others after a while (section 6.2).</summary>
    public void OnPacket(TimeSpan now)
    {
        if (++_packetsWithoutSack >= 2)
            _sackAtOnce = true;
        else
            SackDeadline ??= now + options.SackDelay;
    }

    /// <summary>Adds a SACK to a packet (section 3.3.4).</summary>
    public void WriteSack(ref SctpPacketWriter writer)
    {
        Span<ushort> gaps = stackalloc ushort[2 * MaxGapBlocks];
        int count = FindGaps(gaps);
        if (!writer.TryAdd(SctpChunkType.Sack, 0, 12 + 4 * count + 4 * _duplicates.Count, out var body))
            return;
        _advertised = Window;
        BinaryPrimitives.WriteUInt32BigEndian(body, Cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], (uint)_advertised);
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], (ushort)count);
        BinaryPrimitives.WriteUInt16BigEndian(body[10..], (ushort)_duplicates.Count);
        for (int i = 0; i < 2 * count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(body[(12 + 2 * i)..], gaps[i]);
        for (int i = 0; i < _duplicates.Count; i++)
            BinaryPrimitives.WriteUInt32BigEndian(body[(12 + 4 * count + 4 * i)..], _duplicates[i]);
        _duplicates.Clear();
        _packetsWithoutSack = 0;
        _sackAtOnce = false;
        SackDeadline = null;
    }

    private int FindGaps(Span<ushort> gaps)
    {
        int count = 0;
        long previous = long.MinValue;
        foreach (long place in _ahead.Keys)
        {
            ushort offset = (ushort)(place - _cumulative);
            if (place != previous + 1)
            {
                if (2 * count == gaps.Length)
                    break;
                gaps[2 * count] = offset;
                count++;
            }

            gaps[2 * count - 1] = offset;
            previous = place;
        }

        return count;
    }

    /// <summary>Adds the next piece in order.</summary>
    private bool Append(byte flags, ReadOnlySpan<byte> body)
    {
        bool begins = (flags & OutboundChunk.BeginFlag) != 0;
        var data = body[OutboundChunk.HeaderLength..];
        if (begins == _inMessage || _messageLength + data.Length > options.MaxMessageSize)
            return false;
        _inMessage = true;
        if (_message.Length < _messageLength + data.Length)
            Array.Resize(ref _message, Math.Max(2 * _message.Length, _messageLength + data.Length));
        data.CopyTo(_message.AsSpan(_messageLength));
        _messageLength += data.Length;
        _held += data.Length;
        if ((flags & OutboundChunk.EndFlag) == 0)
            return true;

        ushort stream = BinaryPrimitives.ReadUInt16BigEndian(body[4..]);
        var message = _message.AsSpan(0, _messageLength).ToArray();
        _messages.Enqueue(new SctpEvent(SctpEventKind.Message, stream, BinaryPrimitives.ReadUInt32BigEndian(body[8..]), message));
        _held += ChunkCost;
        // A long message's buffer is not kept for ever.
        if (_message.Length > 16 * 1024)
            _message = [];
        _messageLength = 0;
        _inMessage = false;
        return true;
    }

    private readonly record struct Held(byte Flags, byte[] Body);
}
