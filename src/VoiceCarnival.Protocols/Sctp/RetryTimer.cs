namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Waits for the answer to a chunk of the handshake (T1) or of the shutdown (T2): only one of them runs.</summary>
internal sealed class RetryTimer
{
    /// <summary>When it runs out; null when nothing is waited for.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>Times that it ran out in a row.</summary>
    public int Timeouts { get; private set; }

    /// <summary>When it was started last.</summary>
    public TimeSpan StartedAt { get; private set; }

    /// <summary>Starts it for the first of some tries.</summary>
    public void Start(TimeSpan now, TimeSpan wait)
    {
        Timeouts = 0;
        StartedAt = now;
        Deadline = now + wait;
    }

    /// <summary>Starts it once more.</summary>
    /// <param name="now">The caller's clock.</param>
    /// <param name="waitAfter">How long to wait, by the times that it ran out.</param>
    public void Again(TimeSpan now, Func<int, TimeSpan> waitAfter)
    {
        Timeouts++;
        StartedAt = now;
        Deadline = now + waitAfter(Timeouts);
    }

    public void Stop()
    {
        Deadline = null;
        Timeouts = 0;
    }
}
