namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>How often a session may lose its upstream: one that breaks again and again is not worth the service's and the caller's time.</summary>
internal sealed class RecoveryAllowance(TimeProvider time)
{
    private const int Most = 6;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Queue<long> _taken = new();

    /// <summary>Takes one.</summary>
    /// <returns>False when there were too many within a minute.</returns>
    public bool TryTake()
    {
        long now = time.GetTimestamp();
        while (_taken.TryPeek(out long first) && time.GetElapsedTime(first, now) > Window)
            _taken.Dequeue();
        _taken.Enqueue(now);
        return _taken.Count <= Most;
    }
}
