using System.Buffers;
using System.Globalization;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Spend;

namespace VoiceCarnival.Sessions;

/// <summary>
/// What one session may still use of its minutes and of money, and how long nothing may come from its caller: when to warn the caller, once for each limit, and when to
/// end it. Has no clock of its own.
/// </summary>
/// <param name="maxDuration">The longest it may last.</param>
/// <param name="maxSpend">The most it may cost, USD; null for no limit.</param>
/// <param name="maxSpendPerDay">The most that all sessions of a day may cost, USD; null for no limit.</param>
internal sealed class SessionAllowance(TimeSpan maxDuration, decimal? maxSpend, decimal? maxSpendPerDay)
{
    /// <summary>Names of the limits in events and metrics.</summary>
    public const string Duration = "max_session_minutes", Spend = "max_spend_per_session", SpendPerDay = "max_spend_per_day", Idle = "max_idle_seconds";

    private const decimal Nearly = 0.9m;
    private static readonly TimeSpan LongestWarning = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestIdleWarning = TimeSpan.FromSeconds(30);
    private readonly TimeSpan _lead = maxDuration / 4 < LongestWarning ? maxDuration / 4 : LongestWarning;
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);

    /// <summary>The limit that has been reached; null when none has.</summary>
    /// <param name="elapsed">Since the session began.</param>
    /// <param name="spent">By this session, USD.</param>
    /// <param name="spentToday">By all sessions of the day, USD.</param>
    public (string Limit, SessionTermination Termination)? Reached(TimeSpan elapsed, decimal spent, decimal spentToday)
    {
        if (elapsed >= maxDuration)
        {
            string message = string.Create(CultureInfo.InvariantCulture, $"Your session hit the maximum duration of {maxDuration.TotalMinutes:0.##} minutes.");
            return (Duration, new SessionTermination(TerminationKind.Expired, message, RealtimeError.Invalid(RealtimeErrorCodes.SessionExpired, message)));
        }

        if (spent >= maxSpend)
            return (Spend, new SessionTermination(TerminationKind.Operator, "the session's money is spent", SpendLimit.OfSession));
        return spentToday >= maxSpendPerDay ? (SpendPerDay, new SessionTermination(TerminationKind.Operator, "the day's money is spent", SpendLimit.OfDay)) : null;
    }

    /// <summary>
    /// <c>voicecarnival.session.expiring</c> with <c>reason</c> and <c>seconds_left</c> or <c>usd_left</c>, the first time that a limit is near: a minute, or a quarter of a
    /// shorter session; a tenth of the money. How much is left of the day's is the operator's business and not told.
    /// </summary>
    /// <returns>The event; null when there is nothing new to say.</returns>
    public byte[]? Warning(TimeSpan elapsed, decimal spent, decimal spentToday)
    {
        var left = maxDuration - elapsed;
        if (left <= _lead && _warned.Add(Duration))
            return Event(Duration, w => w.WriteNumber("seconds_left", (long)Math.Ceiling(left.TotalSeconds)));
        if (maxSpend is { } most && spent >= most * Nearly && _warned.Add(Spend))
            return Event(Spend, w => w.WriteNumber("usd_left", decimal.Round(Math.Max(0, most - spent), 6)));
        return spentToday >= maxSpendPerDay * Nearly && _warned.Add(SpendPerDay) ? Event(SpendPerDay, static _ => { }) : null;
    }

    /// <summary>The same for a caller of whom nothing came for long, half a minute before the end, or a quarter of a shorter limit; anew after every sign of life.</summary>
    /// <param name="idle">Since the last sign of life.</param>
    /// <param name="limit">When the session ends.</param>
    public byte[]? IdleWarning(TimeSpan idle, TimeSpan limit)
    {
        if (idle < limit - (limit / 4 < LongestIdleWarning ? limit / 4 : LongestIdleWarning))
        {
            _warned.Remove(Idle);
            return null;
        }

        return _warned.Add(Idle) ? Event(Idle, w => w.WriteNumber("seconds_left", Math.Max(0, (long)Math.Ceiling((limit - idle).TotalSeconds)))) : null;
    }

    private static byte[] Event(string reason, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", ServerEventTypes.Expiring);
        writer.WriteString("event_id", RealtimeIds.New("event"));
        writer.WriteString("reason", reason);
        fields(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
