namespace VoiceCarnival.Protocols.Sctp;

/// <summary>The receiving half of an association (RFC 9260, section 6.2): takes chunks as far as there is room, and says what has arrived.</summary>
internal sealed class InboundData(SctpOptions options, uint peerInitialTsn)
{
    private const int MaxGapBlocks = 64;
    private const int MaxDuplicates = 16;
    private readonly ReceivedTsns _received = new((long)peerInitialTsn - 1);
    private readonly Reassembly _reassembly = new(options);
    private readonly ReceivedMessages _messages = new();
    private readonly List<uint> _duplicates = [];
    private int _packetsWithoutSack;
    private bool _sackAtOnce;
    private int _advertised = options.ReceiveBuffer;

    /// <summary>The last TSN before the first gap.</summary>
    public uint Cumulative => (uint)_received.Cumulative;

    /// <summary>When a SACK is due; null when none is owed.</summary>
    public TimeSpan? SackDeadline { get; private set; }

    /// <summary>Bytes that may still come.</summary>
    public int Window => Math.Max(0, options.ReceiveBuffer - _reassembly.Held - _messages.Held);

    /// <summary>Takes the next whole message, or event of a stream.</summary>
    public bool TryTake(out SctpEvent message)
    {
        if (!_messages.TryTake(out message))
            return false;
        // A peer that was told of a closed window waits to be told that it is open again.
        if (_advertised < options.ReceiveBuffer / 4 && Window >= options.ReceiveBuffer / 2)
            _sackAtOnce = true;
        return true;
    }

    /// <summary>Lines up an event behind the messages that came before it.</summary>
    public void Add(in SctpEvent streamEvent) => _messages.Add(streamEvent);

    /// <summary>The peer has reset a stream, of which everything has come.</summary>
    public void ResetStream(ushort stream) => _reassembly.ResetStream(stream);

    /// <summary>Whether a SACK has to go out now.</summary>
    public bool OwesSack(TimeSpan now) => _sackAtOnce || now >= SackDeadline;

    /// <summary>Receives a DATA chunk.</summary>
    /// <returns>False when it breaks the rules.</returns>
    public bool Receive(byte flags, ReadOnlySpan<byte> body)
    {
        if (!DataChunk.TryRead(flags, body, out var chunk))
            return false;
        long place = _received.PlaceOf(chunk.Tsn);
        if (_received.Contains(place))
        {
            _sackAtOnce = true;
            if (_duplicates.Count < MaxDuplicates)
                _duplicates.Add(chunk.Tsn);
            return true;
        }

        // Gaps are told of at once, and so is what does not fit: it is dropped, and will come again.
        if (!HasRoom(place, chunk.Data.Length))
        {
            _sackAtOnce = true;
            return true;
        }

        bool hadGap = _received.HasGap;
        if (!_reassembly.Add(place, chunk, _received, _messages))
            return false;
        _received.Add(place);
        _reassembly.Release(_received.Cumulative, _messages);
        _sackAtOnce |= chunk.IsImmediate || hadGap || _received.HasGap;
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

    /// <summary>Adds a SACK to a packet.</summary>
    public void WriteSack(ref SctpPacketWriter writer)
    {
        Span<ushort> gaps = stackalloc ushort[2 * MaxGapBlocks];
        Span<uint> duplicates = stackalloc uint[MaxDuplicates];
        gaps = gaps[.._received.FindBlocks(gaps)];
        duplicates = duplicates[.._duplicates.Count];
        _duplicates.CopyTo(duplicates);
        if (!writer.TryAdd(SctpChunkType.Sack, 0, SackChunk.FixedLength + 2 * gaps.Length + 4 * duplicates.Length, out var body))
            return;
        _advertised = Window;
        SackChunk.Write(body, Cumulative, (uint)_advertised, gaps, duplicates);
        _duplicates.Clear();
        _packetsWithoutSack = 0;
        _sackAtOnce = false;
        SackDeadline = null;
    }

    /// <summary>The one that everything waits for is taken while the application has nothing to take that would make room.</summary>
    private bool HasRoom(long place, int length) => place == _received.Cumulative + 1
        ? Window > 0 || _messages.IsEmpty
        : place <= _received.Cumulative + ReceivedTsns.Reach && length + ReceivedMessages.Overhead <= Window;
}
