namespace VoiceCarnival.Audio.JitterBuffer;

/// <summary>
/// How much later than the fastest packets come, by the last packets: what the delay has to be for nearly all to be in time. Drift of the sender's clock moves the
/// fastest along with the rest, as only a few seconds count.
/// </summary>
internal sealed class DelayEstimate
{
    private const int Window = 200;
    // The latest two of a hundred may be concealed; waiting for them would cost every word more.
    private const double Share = 0.98;
    private readonly double[] _transits = new double[Window];
    private readonly double[] _sorted = new double[Window];
    private int _count;
    private int _next;

    /// <summary>Takes a packet's transit: its arrival less its timestamp, in seconds, from any origin.</summary>
    public void Add(double transit)
    {
        double dropped = _count == Window ? _transits[_next] : double.PositiveInfinity;
        _transits[_next] = transit;
        _next = (_next + 1) % Window;
        _count = Math.Min(_count + 1, Window);
        if (_count == 1 || transit <= Fastest)
            Fastest = transit;
        else if (dropped <= Fastest)
            Fastest = Least();
    }

    public void Reset() => (_count, _next, Fastest) = (0, 0, 0);

    /// <summary>The least transit of the last packets, in seconds.</summary>
    public double Fastest { get; private set; }

    /// <summary>The spread, in seconds.</summary>
    public double Spread()
    {
        if (_count < 2)
            return 0;
        var sorted = _sorted.AsSpan(0, _count);
        _transits.AsSpan(0, _count).CopyTo(sorted);
        sorted.Sort();
        return sorted[(int)Math.Ceiling(Share * (_count - 1))] - sorted[0];
    }

    private double Least()
    {
        double least = double.PositiveInfinity;
        foreach (double transit in _transits.AsSpan(0, _count))
            least = Math.Min(least, transit);
        return least;
    }
}
