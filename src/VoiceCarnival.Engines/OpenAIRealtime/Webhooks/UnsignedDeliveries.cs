namespace VoiceCarnival.Engines.OpenAIRealtime.Webhooks;

/// <summary>Counts deliveries that nobody signed. Anyone can send them, as many as the line takes: what is logged of them must not grow with that.</summary>
internal sealed class UnsignedDeliveries(TimeProvider time)
{
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private long? _warnedAt;
    private int _untold;

    /// <summary>Counts one more.</summary>
    /// <returns>How many came since they were last told of, this one included, when they should be told of now; otherwise null.</returns>
    public int? Count()
    {
        lock (_lock)
        {
            _untold++;
            if (_warnedAt is { } warned && time.GetElapsedTime(warned) < BetweenWarnings)
                return null;
            _warnedAt = time.GetTimestamp();
            int told = _untold;
            _untold = 0;
            return told;
        }
    }
}
