namespace VoiceCarnival.Protocols.Sctp;

/// <summary>How many bytes may be in flight (RFC 9260, section 7.2).</summary>
internal sealed class CongestionWindow(SctpOptions options)
{
    private readonly int _unit = options.MaxDataLength;
    private int _threshold = int.MaxValue;
    private int _partial;
    private (int Size, int Threshold) _before;

    /// <summary>The window, in bytes.</summary>
    public int Size { get; private set; } = Initial(options);

    /// <summary>Acknowledged up to a new TSN: grows by slow start or congestion avoidance, if it was filled.</summary>
    public void OnAcknowledged(int bytes, int flightBefore)
    {
        bool filled = flightBefore + _unit > Size;
        if (Size <= _threshold)
        {
            if (filled)
                Size += Math.Min(bytes, _unit);
        }
        else
        {
            _partial += bytes;
            if (_partial >= Size && filled)
            {
                _partial -= Size;
                Size += _unit;
            }
        }

        Size = Math.Min(Size, options.MaxCongestionWindow);
    }

    /// <summary>Something was lost that later packets overtook (section 7.2.4).</summary>
    public void OnLoss()
    {
        _before = (Size, _threshold);
        _threshold = Math.Max(Size / 2, 4 * _unit);
        Size = _threshold;
        _partial = 0;
    }

    /// <summary>Nothing came back (section 7.2.3): begin anew with one packet.</summary>
    public void OnTimeout()
    {
        _before = (Size, _threshold);
        _threshold = Math.Max(Size / 2, 4 * _unit);
        Size = _unit;
        _partial = 0;
    }

    /// <summary>The line has changed: nothing is known (section 7.2.1).</summary>
    public void Restart()
    {
        Size = Initial(options);
        _threshold = int.MaxValue;
        _partial = 0;
        _before = default;
    }

    /// <summary>Nothing had been lost at the last reduction: it is taken back (RFC 4015).</summary>
    public void Undo()
    {
        if (_before.Size <= Size)
            return;
        (Size, _threshold) = _before;
        _before = default;
    }

    /// <summary>No more than a burst above what is in flight (section 6.1, rule D), so that a window that was not used does not leave at once.</summary>
    public void LimitBurst(int flight) => Size = Math.Min(Size, Math.Max(_unit, flight + options.MaxBurst * _unit));

    private static int Initial(SctpOptions options) => Math.Min(4 * options.MaxDataLength, Math.Max(2 * options.MaxDataLength, 4404));
}
