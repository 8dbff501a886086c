namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// Finds out which chunks were lost, as TCP's RACK does (RFC 8985): a chunk is lost when one that was sent later has arrived, and it has not within a part of a
/// round trip more.
/// </summary>
/// <remarks>
/// While nothing arrives out of order, three packets overtaking it are enough, as in RFC 9260, section 7.2.4. What counts is the order of sending, not that of
/// TSNs: so a chunk that was sent again and lost again is found too, where the section leaves everything to the timer; and one packet is enough, a little
/// later, where there are not three (RFC 5827).
/// </remarks>
internal sealed class LossDetection(RoundTripEstimate estimate)
{
    private const int LossesUntilImpatient = 16;
    // The three latest packets that have arrived, and the latest before this SACK.
    private long _latest = -1;
    private long _second = -1;
    private long _third = -1;
    private long _latestBefore = -1;
    private TimeSpan _latestRoundTrip;
    private bool _isReordering;
    // Quarters of the shortest round trip that a late chunk is waited for, and loss events since that was too short.
    private int _quarters = 1;
    private int _losses;
    private bool _wasHasty;

    /// <summary>When a chunk that is late will be a lost one; null when none is late.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>Something has arrived, by this SACK.</summary>
    public bool HasProgress { get; private set; }

    /// <summary>Something was taken for lost that was only late, by this SACK.</summary>
    public bool WasWrong { get; private set; }

    /// <summary>The round trip of the latest packet that has arrived, by this SACK; null when that cannot be told (Karn's rule).</summary>
    public TimeSpan? Sample { get; private set; }

    /// <summary>The latest packet that has arrived, by this SACK; -1 for none.</summary>
    public long NewestPacket { get; private set; } = -1;

    /// <summary>The line has changed: its times are not known.</summary>
    public void Forget()
    {
        _isReordering = false;
        _quarters = 1;
        Deadline = null;
    }

    /// <summary>A SACK begins.</summary>
    public void Begin()
    {
        HasProgress = WasWrong = _wasHasty = false;
        Sample = null;
        NewestPacket = -1;
        _latestBefore = _latest;
    }

    /// <summary>Takes note of a chunk that has newly arrived.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="wasLost">It waited to be sent again.</param>
    /// <param name="now">The caller's clock.</param>
    public void OnArrived(OutboundChunk chunk, bool wasLost, TimeSpan now)
    {
        HasProgress = true;
        var taken = now - chunk.SentAt;
        if (wasLost || (chunk.IsResent && taken < estimate.Shortest))
        {
            // It was not lost, or this is too soon to be the last one sent: an earlier one was only late, or its SACK was lost.
            WasWrong = true;
            _wasHasty |= chunk.IsOvertaken;
        }

        // Which one it was is not known, so neither is what it has overtaken.
        if (chunk.IsResent && (wasLost || taken < estimate.Shortest || taken > estimate.Probe))
            return;

        _isReordering |= !chunk.IsResent && chunk.Packet < _latestBefore;

        if (chunk.Packet > NewestPacket)
        {
            NewestPacket = chunk.Packet;
            Sample = chunk.IsResent ? null : taken;
        }

        if (chunk.Packet > _latest)
            (_latest, _second, _third, _latestRoundTrip) = (chunk.Packet, _latest, _second, taken);
        else if (chunk.Packet > _second && chunk.Packet < _latest)
            (_second, _third) = (chunk.Packet, _second);
        else if (chunk.Packet > _third && chunk.Packet < _second)
            _third = chunk.Packet;
    }

    /// <summary>Marks what has been overtaken, and sets <see cref="Deadline"/> for what is late.</summary>
    /// <returns>Whether anything is newly lost.</returns>
    public bool Find(OutstandingChunks chunks, TimeSpan now)
    {
        if (_wasHasty)
        {
            _isReordering = true;
            _quarters++;
            _losses = 0;
        }

        var patience = _quarters * (estimate.Shortest ?? TimeSpan.Zero) / 4;
        if (patience > estimate.Smoothed)
            patience = estimate.Smoothed.Value;
        Deadline = null;
        bool any = false;
        for (int i = 0; i < chunks.Count; i++)
        {
            var chunk = chunks[i];
            if (!chunk.IsInFlight || chunk.Packet >= _latest)
                continue;
            var end = chunk.SentAt + _latestRoundTrip + patience;
            if (now < end && (_isReordering || chunk.Packet >= _third))
            {
                Deadline = end < Deadline ? end : Deadline ?? end;
                continue;
            }

            chunks.Lose(chunk);
            chunk.IsOvertaken = true;
            any = true;
        }

        return any;
    }

    /// <summary>A loss has begun. After many at which nothing was only late, less is waited for.</summary>
    public void OnLoss()
    {
        if (++_losses < LossesUntilImpatient)
            return;
        _losses = 0;
        _quarters = 1;
    }
}
