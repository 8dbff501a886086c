using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>When an upstream is replaced because of its age: from <paramref name="From"/> on, as soon as nobody speaks; not later than <paramref name="Until"/>.</summary>
internal readonly record struct RenewalPlan(DateTimeOffset From, DateTimeOffset Until)
{
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(10);

    /// <summary>Reads when a session expires.</summary>
    /// <param name="session">The session object; its <c>expires_at</c> is in seconds since 1970.</param>
    /// <param name="lead">How long before that to begin, at most half of what is left.</param>
    /// <param name="now">The time.</param>
    /// <returns>Null when the session does not say, or nothing sensible.</returns>
    public static RenewalPlan? For(JsonObject session, TimeSpan lead, DateTimeOffset now)
    {
        if (session["expires_at"] is not JsonValue value || !value.TryGetValue(out long unix) || unix <= 0)
            return null;
        var life = DateTimeOffset.FromUnixTimeSeconds(Math.Min(unix, 253_402_300_799)) - now;
        if (life <= TimeSpan.Zero || life > TimeSpan.FromDays(1))
            return null;
        if (life / 2 < lead)
            lead = life / 2;
        return new RenewalPlan(now + life - lead, now + life - (lead / 2 < LastMoment ? lead / 2 : LastMoment));
    }
}
