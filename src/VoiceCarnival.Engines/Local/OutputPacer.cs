namespace VoiceCarnival.Engines.Local;

/// <summary>Decides how much audio of one response may have left by now.</summary>
internal sealed class OutputPacer(OutputPace pace, Random random)
{
    private TimeSpan? _epoch;
    private TimeSpan _sentBeforeEpoch;

    /// <summary>Audio sent so far.</summary>
    public TimeSpan Sent { get; private set; }

    /// <summary>When more may leave.</summary>
    public TimeSpan NextBurst { get; private set; }

    /// <summary>A clip begins. When all before it has been played, it gets a lead of its own rather than the time that passed in silence.</summary>
    public void Begin(TimeSpan now)
    {
        if (_epoch is null || PlaybackEnd(now) > now)
            return;
        _epoch = null;
        _sentBeforeEpoch = Sent;
    }

    /// <summary>Takes room for a piece, or says that it is not yet its time; <see cref="NextBurst"/> then tells when.</summary>
    public bool TryTake(TimeSpan length, TimeSpan now)
    {
        _epoch ??= NextBurst = now;
        if (now < NextBurst)
            return false;
        var sent = Sent - _sentBeforeEpoch;
        var allowed = pace.Lead + ((now - _epoch.Value) * pace.Speed);
        // The first piece leaves at once whatever the lead is.
        if (sent > TimeSpan.Zero && sent + length > allowed + TimeSpan.FromTicks(1))
        {
            var target = sent + (pace.Delta * pace.Burst) - pace.Lead;
            NextBurst = _epoch.Value + (target / pace.Speed) + (pace.Jitter * random.NextDouble());
            if (NextBurst <= now)
                NextBurst = now + TimeSpan.FromMilliseconds(1);
            return false;
        }

        Sent += length;
        return true;
    }

    /// <summary>When a caller that plays in real time from the first piece on has heard all that was sent.</summary>
    public TimeSpan PlaybackEnd(TimeSpan now) => _epoch is { } epoch && epoch + Sent - _sentBeforeEpoch > now ? epoch + Sent - _sentBeforeEpoch : now;
}
