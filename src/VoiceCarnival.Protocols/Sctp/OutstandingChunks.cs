using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>The chunks between the last cumulative TSN and the last sent one, and which of them are on their way.</summary>
internal sealed class OutstandingChunks(uint initialTsn)
{
    // As many as a full window of whole packets has; a burst of small messages leaves no more behind.
    private const int MostFree = 64;
    private readonly List<OutboundChunk> _chunks = [];
    private readonly Stack<OutboundChunk> _free = new();
    private uint _cumulative = initialTsn - 1;

    /// <summary>How many there are.</summary>
    public int Count => _chunks.Count;

    /// <summary>How many are to be sent again.</summary>
    public int Lost { get; private set; }

    /// <summary>Bytes on their way.</summary>
    public int Flight { get; private set; }

    /// <summary>The last TSN given out.</summary>
    public uint LastTsn => _cumulative + (uint)_chunks.Count;

    public OutboundChunk this[int index] => _chunks[index];

    /// <summary>The next chunk, with its TSN.</summary>
    public OutboundChunk Add()
    {
        var chunk = _free.TryPop(out var used) ? used : new OutboundChunk();
        chunk.Tsn = LastTsn + 1;
        _chunks.Add(chunk);
        return chunk;
    }

    /// <summary>The first that is to be sent again; null when there is none.</summary>
    public OutboundChunk? FirstLost() => Lost == 0 ? null : _chunks.Find(static chunk => chunk.IsLost);

    /// <summary>The first that has not arrived, as far as is known; null when there is none.</summary>
    public OutboundChunk? FirstMissing() => _chunks.Find(static chunk => !chunk.IsAcknowledged);

    /// <summary>Notes that a chunk went out.</summary>
    public void Sent(OutboundChunk chunk, long packet, TimeSpan now)
    {
        Leave(chunk);
        chunk.SentAt = now;
        chunk.Packet = packet;
        chunk.IsInFlight = true;
        Flight += chunk.Length;
    }

    /// <summary>Takes a chunk for lost.</summary>
    public void Lose(OutboundChunk chunk)
    {
        Leave(chunk);
        chunk.IsLost = true;
        chunk.IsOvertaken = false;
        Lost++;
    }

    /// <summary>What was taken for lost is on its way after all.</summary>
    public void Unlose()
    {
        foreach (var chunk in _chunks)
        {
            if (!chunk.IsLost)
                continue;
            Leave(chunk);
            chunk.IsInFlight = true;
            Flight += chunk.Length;
        }
    }

    /// <summary>Takes note of what a SACK says.</summary>
    /// <param name="sack">The SACK.</param>
    /// <param name="now">The caller's clock.</param>
    /// <param name="losses">Is told of each chunk that has newly arrived.</param>
    /// <param name="acknowledged">Bytes up to the new cumulative TSN.</param>
    /// <returns>False when it acknowledges what was never sent.</returns>
    public bool Acknowledge(in SackChunk sack, TimeSpan now, LossDetection losses, out int acknowledged)
    {
        acknowledged = 0;
        int removed = (int)(sack.Cumulative - _cumulative);
        if (removed < 0 || removed > _chunks.Count)
            return false;
        for (int i = 0; i < removed; i++)
        {
            acknowledged += _chunks[i].Length;
            Arrived(_chunks[i], now, losses);
            _chunks[i].Clear();
            if (_free.Count < MostFree)
                _free.Push(_chunks[i]);
        }

        _chunks.RemoveRange(0, removed);
        _cumulative = sack.Cumulative;
        ReadGaps(sack.Blocks, now, losses);
        return true;
    }

    /// <summary>Whether a SACK was overtaken by a later one.</summary>
    public bool IsOld(in SackChunk sack) => (int)(sack.Cumulative - _cumulative) < 0;

    /// <summary>Blocks come in rising order; what is not in order is not looked at.</summary>
    private void ReadGaps(ReadOnlySpan<byte> blocks, TimeSpan now, LossDetection losses)
    {
        int next = 0;
        for (; blocks.Length >= SackChunk.BlockLength; blocks = blocks[SackChunk.BlockLength..])
        {
            int start = BinaryPrimitives.ReadUInt16BigEndian(blocks) - 1;
            int end = BinaryPrimitives.ReadUInt16BigEndian(blocks[2..]) - 1;
            if (start < next || end < start || start >= _chunks.Count)
                break;
            for (; next < start; next++)
                Missing(_chunks[next]);
            for (; next <= end && next < _chunks.Count; next++)
                Arrived(_chunks[next], now, losses);
        }

        for (; next < _chunks.Count; next++)
            Missing(_chunks[next]);
    }

    private void Arrived(OutboundChunk chunk, TimeSpan now, LossDetection losses)
    {
        if (chunk.IsAcknowledged)
            return;
        bool wasLost = chunk.IsLost;
        Leave(chunk);
        chunk.IsAcknowledged = true;
        losses.OnArrived(chunk, wasLost, now);
    }

    /// <summary>A receiver may take back what a gap block said (section 6.2.1).</summary>
    private void Missing(OutboundChunk chunk)
    {
        if (!chunk.IsAcknowledged)
            return;
        chunk.IsAcknowledged = false;
        chunk.IsInFlight = true;
        Flight += chunk.Length;
    }

    private void Leave(OutboundChunk chunk)
    {
        if (chunk.IsInFlight)
            Flight -= chunk.Length;
        if (chunk.IsLost)
            Lost--;
        chunk.IsInFlight = chunk.IsLost = false;
    }
}
