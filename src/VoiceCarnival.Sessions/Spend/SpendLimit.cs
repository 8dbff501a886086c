using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Spend;

/// <summary>The errors of those who have used up the money, in the shape of OpenAI's own for an empty account.</summary>
public static class SpendLimit
{
    private const string Type = "insufficient_quota";

    /// <summary>One session has cost <c>Limits:MaxSpendPerSession</c>.</summary>
    public static RealtimeError OfSession { get; } =
        new(Type, "session_spend_limit_reached", "This session has cost as much as one session may cost here, so it was closed. Open a new one to go on.");

    /// <summary>All sessions of the day have cost <c>Limits:MaxSpendPerDay</c>.</summary>
    public static RealtimeError OfDay { get; } =
        new(Type, "daily_spend_limit_reached", "This server has spent as much as it may spend in a day. Try again after midnight UTC.");
}
