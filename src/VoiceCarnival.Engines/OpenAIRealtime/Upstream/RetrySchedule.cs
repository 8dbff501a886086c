namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>When to try again: at once, then with doubling delays and jitter, until the time is up.</summary>
internal sealed class RetrySchedule(TimeSpan budget, Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);
    private int _tries;

    /// <summary>Delay before the next try; null when the time is up.</summary>
    /// <param name="elapsed">Time since the first try began.</param>
    /// <param name="asked">What the service asked for, <c>Retry-After</c>.</param>
    public TimeSpan? Next(TimeSpan elapsed, TimeSpan? asked = null)
    {
        if (_tries++ == 0)
            return TimeSpan.Zero;
        var delay = TimeSpan.FromTicks(Math.Min(Longest.Ticks, First.Ticks << Math.Min(_tries - 2, 16)));
        // Half to one and a half: many sessions that broke together must not come back together.
        delay *= 0.5 + random.NextDouble();
        if (asked > delay)
            delay = asked.Value;
        return elapsed + delay > budget ? null : delay;
    }

    /// <summary>Close codes after which another session may be opened (reference, section 1.3); all others are final.</summary>
    public static bool MayRetry(int closeCode) => closeCode is 1001 or 1005 or 1006 or 1011 or 1012 or 1013;
}
