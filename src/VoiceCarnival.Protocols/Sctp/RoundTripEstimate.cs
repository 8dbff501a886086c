namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Round trip and retransmission time (RFC 9260, section 6.3.1).</summary>
internal sealed class RoundTripEstimate(SctpOptions options)
{
    private static readonly TimeSpan AcknowledgementDelay = TimeSpan.FromMilliseconds(220);
    // Below this the processors' own delays count for more than the line's.
    private static readonly TimeSpan ProbeSlack = TimeSpan.FromMilliseconds(20);
    private TimeSpan? _smoothed;
    private TimeSpan _variation;
    private TimeSpan _timeout = options.RtoInitial;

    /// <summary>The round trip, smoothed; null before the first measurement.</summary>
    public TimeSpan? Smoothed => _smoothed;

    /// <summary>The shortest measurement; null before the first.</summary>
    public TimeSpan? Shortest { get; private set; }

    /// <summary>How long to wait for an answer after so many time-outs in a row: doubled for each.</summary>
    public TimeSpan Timeout(int timeouts)
    {
        var doubled = _timeout * (1 << Math.Min(timeouts, 10));
        return doubled < options.RtoMax ? doubled : options.RtoMax;
    }

    /// <summary>How long a sender that hears nothing waits until it probes (RFC 8985, section 7.2); null before the first measurement.</summary>
    public TimeSpan? Probe => _smoothed is { } smoothed ? smoothed + Longer(Longer(smoothed, 4 * _variation), ProbeSlack) : null;

    /// <summary>The line has changed: nothing is known.</summary>
    public void Forget()
    {
        _smoothed = Shortest = null;
        _timeout = options.RtoInitial;
    }

    /// <summary>Takes a measurement, of something that was sent only once (Karn's rule).</summary>
    public void Measure(TimeSpan roundTrip)
    {
        Shortest = roundTrip < Shortest ? roundTrip : Shortest ?? roundTrip;
        if (_smoothed is { } smoothed)
        {
            _variation = _variation * 0.75 + (smoothed - roundTrip).Duration() * 0.25;
            _smoothed = smoothed * 0.875 + roundTrip * 0.125;
        }
        else
        {
            _smoothed = roundTrip;
            _variation = roundTrip / 2;
        }

        // A peer may wait for a second packet before it acknowledges.
        var timeout = _smoothed.Value + Longer(4 * _variation, AcknowledgementDelay);
        _timeout = timeout < options.RtoMin ? options.RtoMin : timeout > options.RtoMax ? options.RtoMax : timeout;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
