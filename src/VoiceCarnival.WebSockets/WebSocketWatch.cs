using System.Collections.Concurrent;

namespace VoiceCarnival.WebSockets;

/// <summary>Gives every line its deadlines: one look at all of them a second instead of timers per line and write.</summary>
public sealed class WebSocketWatch : IDisposable
{
    private readonly ConcurrentDictionary<WebSocketLink, byte> _links = new();
    private readonly ITimer _timer;
    private int _isLooking;

    /// <summary>Starts looking.</summary>
    public WebSocketWatch(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((WebSocketWatch)state!).Look(), this, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    /// <summary>Looks after a line until it is forgotten.</summary>
    public void Add(WebSocketLink link) => _links[link] = 0;

    /// <summary>The line has ended.</summary>
    public void Forget(WebSocketLink link) => _links.TryRemove(link, out _);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        // Timers do not wait for each other: a look that is held up must not hold up another thread of the pool every second.
        if (Interlocked.Exchange(ref _isLooking, 1) == 1)
            return;
        foreach (var (link, _) in _links)
            link.Check();
        Volatile.Write(ref _isLooking, 0);
    }
}
