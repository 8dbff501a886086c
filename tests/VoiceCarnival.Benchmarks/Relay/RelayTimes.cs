namespace VoiceCarnival.Benchmarks.Relay;

/// <summary>The times of one measurement; a new one begins with empty histograms.</summary>
internal sealed class RelayTimes
{
    private volatile Histogram _latency = new();
    private volatile Histogram _lag = new();

    /// <summary>From a frame's sending to its coming back.</summary>
    public Histogram Latency => _latency;

    /// <summary>How late frames were sent.</summary>
    public Histogram Lag => _lag;

    public void Restart()
    {
        _latency = new Histogram();
        _lag = new Histogram();
    }
}
