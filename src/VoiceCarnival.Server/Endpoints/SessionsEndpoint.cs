using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>GET /api/sessions</c>: what runs now, for operators. Figures only, never what was said.</summary>
internal static class SessionsEndpoint
{
    public static void MapSessions(this IEndpointRouteBuilder routes) =>
        routes.MapApi(RateLimits.Api).MapGet("/api/sessions", List)
            .WithName("listSessions").WithTags("Gateway")
            .WithSummary("Sessions and calls that are open now")
            .WithDescription("For API keys, and callers on this machine where they need none. Transcripts are not shown to anybody.")
            .ProducesErrors(401, 403, 429);

    private static Results<Ok<SessionsResponse>, RefusalResult> List(
        HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, SessionDirectory sessions, CallDirectory calls, TimeProvider time)
    {
        bool isLoopback = HttpCaller.IsLoopback(context);
        var (caller, refusal) = callers.Authenticate(context);
        if (caller is null)
            return new RefusalResult(refusal!);
        if (origins.Check(context.Request, isLoopback) is { } foreign)
            return new RefusalResult(foreign);
        if (!CallAccess.IsOperator(caller, isLoopback))
        {
            return new RefusalResult(new SessionRefusal(StatusCodes.Status403Forbidden, RealtimeError.Invalid("api_key_required",
                "The list of sessions is for holders of an API key.")));
        }

        // Calls first: one that is answered meanwhile is a session then, and else it still rings.
        var now = time.GetUtcNow();
        var known = calls.Calls;
        var open = sessions.Sessions;
        return TypedResults.Ok(new SessionsResponse(
            [.. open.OrderBy(session => session.StartedAt).Select(session => Describe(session, now))],
            [.. known.Where(call => call.Session is not { } session || !session.Ended.IsCompleted && !open.Contains(session)).Select(call => new RingingCall(call.Id, call.Transport))]));
    }

    private static SessionSummary Describe(VoiceSession session, DateTimeOffset now)
    {
        var figures = session.Statistics;
        return new SessionSummary(
            session.Id, session.Call?.Id, session.Transport, session.EngineName, session.StartedAt, Math.Round((now - session.StartedAt).TotalSeconds, 1),
            figures.Turns, figures.Interruptions, figures.Errors, figures.BytesIn, figures.BytesOut, figures.MeanFirstAudioMilliseconds, session.SpentUsd, session.SidebandCount, session.Media);
    }
}

/// <summary>What is open now.</summary>
/// <param name="Sessions">Oldest first; a call is a session with a call id.</param>
/// <param name="Ringing">Phone calls that wait to be accepted or rejected over the API.</param>
internal sealed record SessionsResponse(IReadOnlyList<SessionSummary> Sessions, IReadOnlyList<RingingCall> Ringing);

/// <summary>One open session.</summary>
/// <param name="Id"><c>sess_…</c>, as in the log.</param>
/// <param name="CallId"><c>rtc_…</c>, when it can be reached by one.</param>
/// <param name="Transport">How the caller reached us.</param>
/// <param name="Engine">Who answers.</param>
/// <param name="StartedAt">When.</param>
/// <param name="Seconds">How long it has run.</param>
/// <param name="Turns">Responses begun.</param>
/// <param name="Interruptions">Responses cut off by the caller.</param>
/// <param name="Errors">Error events.</param>
/// <param name="BytesIn">Events and audio from the caller, as far as they passed here.</param>
/// <param name="BytesOut">Events and audio towards the caller.</param>
/// <param name="FirstAudioMs">Mean milliseconds from the end of the caller's speech to the first sound of the answer.</param>
/// <param name="Usd">What it has cost, by the usage that the engine reports and the prices in the settings.</param>
/// <param name="Sidebands">Connections that listen in.</param>
/// <param name="Media">How the audio of a call is doing that this server carries.</param>
internal sealed record SessionSummary(
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CallId,
    string Transport, string Engine, DateTimeOffset StartedAt, double Seconds, int Turns, int Interruptions, int Errors, long BytesIn, long BytesOut,
    double? FirstAudioMs, decimal Usd, int Sidebands, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] MediaStatistics? Media);

/// <summary>A call that rings.</summary>
/// <param name="CallId"><c>rtc_…</c></param>
/// <param name="Transport">How it reached us.</param>
internal sealed record RingingCall(string CallId, string Transport);
