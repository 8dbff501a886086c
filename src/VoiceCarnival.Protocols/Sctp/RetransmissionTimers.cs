namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// The two timers of a sender that hears nothing. The first sends a probe after about two round trips, so that its SACK shows what was lost (tail loss probe,
/// RFC 8985, section 7); it costs a packet and nothing else. The second, T3-rtx, takes everything for lost (RFC 9260, section 6.3).
/// </summary>
internal sealed class RetransmissionTimers(RoundTripEstimate roundTrip)
{
    // Each waits twice as long as the one before; then T3-rtx is due anyway.
    private const int MaxProbes = 2;
    private TimeSpan? _probe;
    private TimeSpan? _retransmission;
    private int _probes;
    // Time-outs in a row without a measurement of the round trip: until then it counts as doubled (Karn's rule).
    private int _timeouts;

    /// <summary>When either is due.</summary>
    public TimeSpan? Deadline => _probe < _retransmission ? _probe : _retransmission;

    /// <summary>T3-rtx is due.</summary>
    public bool IsRetransmissionDue(TimeSpan now) => now >= _retransmission;

    /// <summary>A probe is due.</summary>
    public bool IsProbeDue(TimeSpan now) => now >= _probe;

    /// <summary>Data went out.</summary>
    public void OnSent(TimeSpan now)
    {
        _retransmission ??= now + roundTrip.Timeout(_timeouts);
        ScheduleProbe(now);
    }

    /// <summary>A SACK came.</summary>
    /// <param name="now">The caller's clock.</param>
    /// <param name="hasProgress">It says of something that it has arrived.</param>
    /// <param name="hasMeasured">The round trip is known anew.</param>
    /// <param name="restarts">The first chunk has arrived, or is to be sent again: T3-rtx starts anew (rule R3, and section 7.2.4, step 4).</param>
    public void OnSack(TimeSpan now, bool hasProgress, bool hasMeasured, bool restarts)
    {
        if (hasMeasured)
            _timeouts = 0;
        if (hasProgress)
            _probes = 0;

        if (restarts)
            _retransmission = now + roundTrip.Timeout(_timeouts);
        if (hasProgress)
            ScheduleProbe(now);
    }

    /// <summary>The line has changed.</summary>
    public void Restart(TimeSpan now)
    {
        _timeouts = _probes = 0;
        _probe = null;
        _retransmission = _retransmission is null ? null : now + roundTrip.Timeout(0);
    }

    /// <summary>Nothing is outstanding.</summary>
    public void Stop() => _probe = _retransmission = null;

    /// <summary>A probe goes out.</summary>
    public void OnProbe()
    {
        _probes++;
        _probe = null;
    }

    /// <summary>T3-rtx has run out.</summary>
    public void OnTimeout(TimeSpan now)
    {
        _timeouts++;
        _probes = 0;
        _probe = null;
        _retransmission = now + roundTrip.Timeout(_timeouts);
    }

    private void ScheduleProbe(TimeSpan now) =>
        _probe = _probes < MaxProbes && roundTrip.Probe is { } wait ? now + wait * (1 << _probes) : null;
}
