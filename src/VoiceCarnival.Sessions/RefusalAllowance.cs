using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>
/// How much of what a caller sends may be refused: so many events a second, and ten seconds' worth at once. A client with a defect is told of it many times; one that sends nothing
/// but nonsense costs more than it should and is let go. Not thread-safe.
/// </summary>
/// <param name="perSecond">Refused events a second in the long run.</param>
/// <param name="now">Timestamp.</param>
/// <param name="time">The clock that it is of.</param>
internal sealed class RefusalAllowance(int perSecond, long now, TimeProvider time)
{
    private const int Burst = 10; // seconds
    private double _left = Burst * perSecond;
    private long _at = now;

    /// <summary>The end of whoever has used it up.</summary>
    public static SessionTermination UsedUp { get; } = new(TerminationKind.CallerFault, "too many events were refused", new RealtimeError("rate_limit_error", "too_many_refused_events",
        "Too many of the events that were sent had to be refused, so the session was closed. The errors before this one say what was wrong."))
    { CloseCode = 4000 };

    /// <summary>Counts a refusal.</summary>
    /// <returns>False when that is one too many.</returns>
    public bool TryTake(long now)
    {
        _left = Math.Min(Burst * perSecond, _left + time.GetElapsedTime(_at, now).TotalSeconds * perSecond);
        _at = now;
        if (_left < 1)
            return false;
        _left--;
        return true;
    }
}
