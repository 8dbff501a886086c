namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// How fast the service is read for callers that do not read. A service that nobody reads from takes its reader for dead, as we do, so it must not notice: it goes on being
/// read at a pace, until the caller has room again or its line is given up at a limit of its own. The pace is what that takes: a writer hears of room only when a third of its
/// socket's buffer, which may be megabytes, has gone. One for all sessions, so that many such callers share a bound; thread-safe.
/// </summary>
/// <param name="mostInAll">Bytes that all sessions may be ahead together; past it they are read slowly.</param>
internal sealed class ReadAhead(long mostInAll = 64 * 1024 * 1024)
{
    // Enough for the ten seconds after which a caller's line is given up.
    private const long MostOfOne = 4 * 1024 * 1024;
    private const double Rate = 512 * 1024; // bytes a second
    private const double SlowRate = 64 * 1024;
    private long _taken;

    /// <summary>Bytes taken now for callers that have no room.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>Bytes were taken for a caller that has no room.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="behind">The session's own count; goes up by as many.</param>
    /// <returns>How long to wait before more is taken, unless there is room before.</returns>
    public TimeSpan Take(int bytes, ref long behind)
    {
        behind += bytes;
        return TimeSpan.FromSeconds(bytes / (Interlocked.Add(ref _taken, bytes) <= mostInAll && behind < MostOfOne ? Rate : SlowRate));
    }

    /// <summary>The caller has room again, or is gone.</summary>
    public void Give(ref long behind)
    {
        if (behind > 0)
            Interlocked.Add(ref _taken, -behind);
        behind = 0;
    }
}
