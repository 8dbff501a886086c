namespace VoiceCarnival.Sessions.Calls;

/// <summary>Claims within this process. Bounded: when full, the oldest go first.</summary>
public sealed class CallClaims(TimeProvider time, int capacity) : ICallClaims
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);
    private readonly Queue<(string Name, DateTimeOffset Until)> _order = new();

    /// <summary>Room for 100 000 claims.</summary>
    public CallClaims(TimeProvider time)
        : this(time, 100_000)
    {
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryClaimAsync(string name, TimeSpan lifetime)
    {
        var now = time.GetUtcNow();
        var until = now + lifetime;
        lock (_gate)
        {
            if (_until.TryGetValue(name, out var standing) && standing > now)
                return ValueTask.FromResult(false);
            while (_order.TryPeek(out var oldest) && (oldest.Until <= now || _order.Count >= capacity))
            {
                _order.Dequeue();
                // A name that was given back and claimed anew stands longer than its first entry says.
                if (_until.TryGetValue(oldest.Name, out var end) && end == oldest.Until)
                    _until.Remove(oldest.Name);
            }

            _until[name] = until;
            _order.Enqueue((name, until));
        }

        return ValueTask.FromResult(true);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string name)
    {
        lock (_gate)
            _until.Remove(name);
        return ValueTask.CompletedTask;
    }
}
