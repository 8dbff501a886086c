using System.Net;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Where requests of ours went: what comes from there is read, since a callee answers, and later hangs up, though he is no peer. Kept for half a day after the last request at least,
/// unless there are too many. Thread-safe.
/// </summary>
internal sealed class AskedAddresses
{
    /// <summary>How many are kept at least, when that many were asked.</summary>
    public const int Most = 4096;

    /// <summary>How long one is kept at least, ms: longer than calls last, in the course of which we need not ask for anything.</summary>
    public const long Span = 12 * 3_600_000;

    private readonly Lock _gate = new();
    private HashSet<IPAddress> _recent = [];
    private HashSet<IPAddress> _former = [];
    private long? _begun;

    /// <summary>A request goes there.</summary>
    public void Note(IPAddress address, long milliseconds)
    {
        lock (_gate)
        {
            Age(milliseconds);
            if (_recent.Count >= Most && !_recent.Contains(address.Plain()))
                Turn(milliseconds);
            _recent.Add(address.Plain());
        }
    }

    /// <summary>Whether one went there.</summary>
    public bool Contains(IPAddress address, long milliseconds)
    {
        lock (_gate)
        {
            Age(milliseconds);
            return (_recent.Count > 0 && _recent.Contains(address.Plain())) || (_former.Count > 0 && _former.Contains(address.Plain()));
        }
    }

    private void Age(long milliseconds)
    {
        _begun ??= milliseconds;
        if (milliseconds - _begun < Span)
            return;
        // After twice the time both are too old.
        if (milliseconds - _begun >= 2 * Span)
            _recent.Clear();
        Turn(milliseconds);
    }

    // The newer set becomes the older, whose addresses are forgotten: no clock for each, and nothing to look for.
    private void Turn(long milliseconds)
    {
        (_recent, _former) = (_former, _recent);
        _recent.Clear();
        _begun = milliseconds;
    }
}
