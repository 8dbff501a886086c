namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>A response that is sent again and again until it is acknowledged, or its time is up: 64 times T1.</summary>
/// <param name="status">Its status.</param>
/// <param name="bytes">The response.</param>
/// <param name="timers">How often.</param>
/// <param name="longest">The longest pause; none where each is twice as long as the last.</param>
/// <param name="now">When it was sent first.</param>
internal sealed class RepeatedResponse(int status, byte[] bytes, SipTimers timers, TimeSpan longest, TimeSpan now)
{
    private readonly TimeSpan _end = now + timers.Timeout;
    private TimeSpan _interval = timers.T1;
    private TimeSpan _next = now + timers.T1;

    public int Status => status;

    public byte[] Bytes => bytes;

    public TimeSpan Deadline => _next < _end ? _next : _end;

    /// <summary>Nobody has acknowledged it in all its time.</summary>
    public bool IsOver(TimeSpan at) => at >= _end;

    /// <summary>Whether it is to be sent again now; then not before the next pause is over.</summary>
    public bool IsDue(TimeSpan at)
    {
        if (at < _next)
            return false;
        _interval = 2 * _interval < longest ? 2 * _interval : longest;
        _next = at + _interval;
        return true;
    }
}
