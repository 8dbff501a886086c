namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>One peer's alarm clock. Not thread-safe.</summary>
internal sealed class PeerTimer(PeerServices services, Action due) : IDisposable
{
    private readonly ITimer _timer = services.Time.CreateTimer(static due => ((Action)due!)(), due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    private TimeSpan? _armedFor;

    /// <summary>Sees to it that it is due at this time at the latest.</summary>
    public void Arm(TimeSpan? deadline)
    {
        if (deadline is not { } at || at >= _armedFor)
            return;
        // A deadline that was put off finds nothing to do and arms again; that costs less than moving the timer with each packet.
        _armedFor = at;
        // What is overdue was just dealt with; if it stays so, it must not take a processor for itself.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(1, (at - services.Now).TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    /// <summary>It was due, and waits to be armed again.</summary>
    public void Disarm() => _armedFor = null;

    public void Dispose() => _timer.Dispose();
}
