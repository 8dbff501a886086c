namespace VoiceCarnival.Server.Hosting;

/// <summary>What is done about memory.</summary>
internal enum Upkeep
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>The two young generations are collected, where the garbage of beginnings is: a pause of a few milliseconds whatever the size of the rest.</summary>
    Young,

    /// <summary>All of them, beside what runs.</summary>
    Behind,

    /// <summary>All of them at once, and the room goes back to the system: a pause of a few dozen milliseconds, with nobody there to notice.</summary>
    All,
}

/// <summary>
/// When to collect: in the calm after sessions have begun, or while they are busy where there is no calm for a while, and once more when what they leave behind for a while has gone, too.
/// SIP keeps answers for copies of requests for 32 s (RFC 3261, timers J and L), so that a burst of calls is in the way of a collection right after it and would fill its memory for good.
/// </summary>
/// <param name="allocated">Bytes allocated until now.</param>
internal sealed class UpkeepSchedule(long allocated)
{
    private const long WorthCollecting = 4 * 1024 * 1024;
    private const long Calm = 512 * 1024;
    private long _last = allocated;
    private long _tidied = allocated;
    private TimeSpan? _busySince;
    private TimeSpan? _again;

    /// <summary>How often to ask.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(4);

    /// <summary>How long calm is waited for: sessions whose turns never stop allocate a little all the time, and what began them would lie there for minutes.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(8);

    /// <summary>From the first collection in a calm to the second.</summary>
    public static TimeSpan Later { get; } = TimeSpan.FromSeconds(40);

    /// <summary>What to do now.</summary>
    /// <param name="total">Bytes allocated in all.</param>
    /// <param name="isEmpty">There is no session.</param>
    /// <param name="now">Any clock.</param>
    public Upkeep Next(long total, bool isEmpty, TimeSpan now)
    {
        bool isCalm = total - _last < Calm;
        _last = total;
        _busySince = isCalm ? null : _busySince ?? now;
        if ((isCalm || now - _busySince >= Patience) && total - _tidied > WorthCollecting)
        {
            _tidied = total;
            _busySince = null;
            _again = now + Later;
            return Upkeep.Young;
        }

        if (!isCalm || !(now >= _again))
            return Upkeep.Nothing;
        _again = null;
        return isEmpty ? Upkeep.All : Upkeep.Behind;
    }
}
