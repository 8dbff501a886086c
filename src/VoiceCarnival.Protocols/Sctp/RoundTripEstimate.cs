namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Round trip and retransmission time (RFC 9260, section 6.3.1).</summary>
internal sealed class RoundTripEstimate(SctpOptions options)
{
    private TimeSpan? _smoothed;
    private TimeSpan _variation;
    private TimeSpan _timeout = options.RtoInitial;

    /// <summary>The round trip, smoothed; null before the first measurement.</summary>
    public TimeSpan? Smoothed => _smoothed;

    /// <summary>How long to wait for an answer after so many time-outs in a row: doubled for each.</summary>
    public TimeSpan Timeout(int timeouts)
    {
        var doubled = _timeout * (1 << Math.Min(timeouts, 10));
        return doubled < options.RtoMax ? doubled : options.RtoMax;
    }

    /// <summary>Takes a measurement, of something that was sent only once (Karn's rule).</summary>
    public void Measure(TimeSpan roundTrip)
    {
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

        var timeout = _smoothed.Value + 4 * _variation;
        _timeout = timeout < options.RtoMin ? options.RtoMin : timeout > options.RtoMax ? options.RtoMax : timeout;
    }
}
