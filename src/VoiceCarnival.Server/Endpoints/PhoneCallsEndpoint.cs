using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>/api/sip/calls</c>: phone calls of this server, for operators. Nothing of what was said.</summary>
internal static class PhoneCallsEndpoint
{
    private const string Operators = " For API keys, and callers on this machine where they need none.";

    public static void MapPhoneCalls(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapApi(RateLimits.Api);
        group.MapGet("/api/sip/calls", (HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, IPhoneCalls calls) =>
                Check(context, callers, origins) ?? Results.Ok(new PhoneCallsResponse(calls.List(), calls.Trunks)))
            .WithName("listPhoneCalls").WithTags("SIP").WithSummary("Phone calls that run, the last that have ended, and the trunks")
            .WithDescription("With state, codec, loss, jitter and an estimate of quality." + Operators)
            .Produces<PhoneCallsResponse>().ProducesErrors(401, 403, 429);
        group.MapPost("/api/sip/calls", PlaceAsync)
            .WithName("placePhoneCall").WithTags("SIP").WithSummary("Call somebody")
            .WithDescription("The body is {to, from?, agent?, headers?}: a number or a SIP or tel URI among VoiceCarnival:Sip:Destinations. Answered as soon as the call is under way." + Operators)
            .TakesJson(isRequired: true, "{to, from?, agent?, headers?}")
            .Produces<PhoneCallInfo>(StatusCodes.Status201Created).ProducesErrors(400, 401, 403, 404, 408, 413, 415, 429, 502, 503);
        Map(group, "", "getPhoneCall", "One phone call", "As in the list.", (_, call, _) => Results.Ok(call)).Produces<PhoneCallInfo>();
        Map(group, "/events", "watchPhoneCall", "What happens to a phone call", "Server-sent events from its beginning to its end: dialing, ringing, early_media, answered, transferring, ended.",
                (calls, call, context) => TypedResults.ServerSentEvents(Events(calls.Watch(call.Id, context.RequestAborted)!, context.RequestAborted)))
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
        Map(group, "/ladder", "drawPhoneCall", "The messages of a phone call", "A ladder diagram: methods, statuses and times, and nothing of what was in them. Text, or SVG when that is asked for (Accept: image/svg+xml, or /ladder.svg).",
            (calls, call, context) => Ladder(calls, call, context.Request.Headers.Accept.ToString().Contains("image/svg+xml", StringComparison.Ordinal)));
        Map(group, "/ladder.svg", "drawPhoneCallSvg", "The messages of a phone call as SVG", "See /ladder.", (calls, call, _) => Ladder(calls, call, isSvg: true));
        group.MapDelete("/api/sip/calls/{call_id}", (string call_id, HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, IPhoneCalls calls) =>
                Check(context, callers, origins) ?? (calls.HangUp(call_id) ? Results.NoContent() : new RefusalResult(CallAccess.NotFound)))
            .WithName("endPhoneCall").WithTags("SIP").WithSummary("End a phone call, or take it back before it is answered")
            .WithDescription("No body." + Operators).Produces(StatusCodes.Status204NoContent).ProducesErrors(401, 403, 404, 429);
    }

    private static RouteHandlerBuilder Map(RouteGroupBuilder group, string path, string name, string summary, string description, Func<IPhoneCalls, PhoneCallInfo, HttpContext, IResult> answer) =>
        group.MapGet("/api/sip/calls/{call_id}" + path, (string call_id, HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, IPhoneCalls calls) =>
                Check(context, callers, origins) ?? (calls.Find(call_id) is { } call ? answer(calls, call, context) : new RefusalResult(CallAccess.NotFound)))
            .WithName(name).WithTags("SIP").WithSummary(summary).WithDescription(description + Operators).ProducesErrors(401, 403, 404, 429);

    private static async Task<IResult> PlaceAsync(HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, IPhoneCalls calls, CancellationToken cancellationToken)
    {
        if (Check(context, callers, origins) is { } refused)
            return refused;
        var (body, refusal) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return new RefusalResult(refusal);
        if (Read(body, out var request) is { } problem)
            return new RefusalResult(new SessionRefusal(StatusCodes.Status400BadRequest, problem));
        (var call, refusal) = await calls.PlaceAsync(request!, cancellationToken);
        return call is null ? new RefusalResult(refusal!) : TypedResults.Created($"/api/sip/calls/{call.Id}", call);
    }

    private static RealtimeError? Read(JsonElement body, out PhoneCallRequest? request)
    {
        request = null;
        foreach (string name in (ReadOnlySpan<string>)["to", "from", "agent"])
        {
            if (body.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                return RealtimeError.Invalid(RealtimeErrorCodes.InvalidType, $"{name} must be a string.", name);
            if (Text(body, name) is { } text && (text.Length > 512 || text.Any(c => c <= ' ' && name != "agent" || char.IsControl(c))))
                return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, $"{name} must be up to 512 visible characters.", name);
        }

        if (Text(body, "to") is not { Length: > 0 } to)
            return RealtimeError.Invalid(RealtimeErrorCodes.MissingRequiredParameter, "Missing required parameter: 'to'.", "to");
        var headers = new List<(string, string)>();
        if (body.TryGetProperty("headers", out var given) && given.ValueKind != JsonValueKind.Null)
        {
            if (given.ValueKind != JsonValueKind.Object || given.EnumerateObject().Any(header => header.Value.ValueKind != JsonValueKind.String))
                return RealtimeError.Invalid(RealtimeErrorCodes.InvalidType, "headers must be an object of strings, such as {\"X-Order\": \"17\"}.", "headers");
            headers.AddRange(given.EnumerateObject().Select(header => (header.Name, header.Value.GetString()!)));
        }

        request = new PhoneCallRequest(to, Text(body, "from"), Text(body, "agent"), headers);
        return null;
    }

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static async IAsyncEnumerable<SseItem<PhoneCallEvent>> Events(IAsyncEnumerable<PhoneCallEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var next in events.WithCancellation(cancellationToken))
            yield return new SseItem<PhoneCallEvent>(next, next.State);
    }

    private static IResult Ladder(IPhoneCalls calls, PhoneCallInfo call, bool isSvg)
    {
        var ladder = calls.LadderOf(call.Id)!;
        return isSvg ? Results.Text(ladder.ToSvg(), "image/svg+xml") : Results.Text(ladder.ToText(), "text/plain");
    }

    private static RefusalResult? Check(HttpContext context, ICallerAuthenticator callers, OriginPolicy origins)
    {
        bool isLoopback = HttpCaller.IsLoopback(context);
        var (caller, refusal) = callers.Authenticate(context);
        if (caller is null)
            return new RefusalResult(refusal!);
        if (origins.Check(context.Request, isLoopback) is { } foreign)
            return new RefusalResult(foreign);
        return CallAccess.IsOperator(caller, isLoopback) ? null : new RefusalResult(new SessionRefusal(StatusCodes.Status403Forbidden,
            RealtimeError.Invalid("api_key_required", "Phone calls are for holders of an API key.")));
    }
}

/// <summary>Phone calls of this server.</summary>
/// <param name="Calls">Those that run and the last that have ended, the newest last.</param>
/// <param name="Trunks">Where calls of ours go.</param>
internal sealed record PhoneCallsResponse(IReadOnlyList<PhoneCallInfo> Calls, IReadOnlyList<SipTrunkInfo> Trunks);
