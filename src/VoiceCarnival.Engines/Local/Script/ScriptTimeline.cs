namespace VoiceCarnival.Engines.Local.Script;

/// <summary>Faults at fixed times after the session's start, each once.</summary>
public sealed class ScriptTimeline(IEnumerable<(TimeSpan At, ScriptFault Fault)> faults)
{
    private readonly Queue<(TimeSpan At, ScriptFault Fault)> _faults = new(faults.OrderBy(f => f.At));
    private TimeSpan _start;

    /// <summary>When the next one is due.</summary>
    public TimeSpan? Next => _faults.TryPeek(out var next) ? _start + next.At : null;

    /// <summary>Times count from here.</summary>
    public void Start(TimeSpan now) => _start = now;

    /// <summary>Takes one that is due, or null.</summary>
    public ScriptFault? TakeDue(TimeSpan now) => Next <= now ? _faults.Dequeue().Fault : null;
}
