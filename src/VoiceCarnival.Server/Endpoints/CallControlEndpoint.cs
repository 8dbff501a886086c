using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>POST /v1/realtime/calls/{call_id}/accept</c>, <c>/reject</c>, <c>/refer</c>, <c>/hangup</c>, in OpenAI's shapes: 200 without a body, or what is wrong.</summary>
internal static class CallControlEndpoint
{
    private const int LongestTarget = 1024;

    public static void MapCallControl(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapApi(RateLimits.Api);
        Map(group, "accept", AcceptAsync, "Answer a call that waits for it", "The body is a session object, laid over what the call's route says.");
        Map(group, "reject", RejectAsync, "Turn away a call that waits for an answer", "The body is optional: {status_code}, a SIP status from 300 to 699, 603 by default.");
        Map(group, "refer", ReferAsync, "Hand the caller of a phone call over to somebody else", "The body is {target_uri}, a sip:, sips: or tel: URI.");
        Map(group, "hangup", HangupAsync, "End a call", "No body. The client secret that started a call may end it, too.");
    }

    private delegate ValueTask<SessionRefusal?> Act(VoiceCall call, JsonElement body, CancellationToken cancellationToken);

    private static void Map(RouteGroupBuilder group, string action, Act act, string summary, string description) =>
        group.MapPost("/v1/realtime/calls/{call_id}/" + action, async (
                string call_id, HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, CallDirectory directory, CancellationToken cancellationToken) =>
            {
                // 1. Who asks? A secret may end its own call and do no more.
                bool isLoopback = HttpCaller.IsLoopback(context);
                var (caller, refusal) = callers.Authenticate(context);
                if (caller is null)
                    return new RefusalResult(refusal!);
                if (caller.Kind == CallerKind.Anonymous && origins.Check(context.Request, isLoopback) is { } foreign)
                    return new RefusalResult(foreign);
                var call = directory.Find(call_id);
                bool isOwner = call?.IsOwnedBy(caller) == true;
                if (!CallAccess.IsOperator(caller, isLoopback) && !(isOwner && action == "hangup"))
                    return new RefusalResult(isOwner ? NotForSecrets : CallAccess.NotFound);
                if (call is null)
                    return new RefusalResult(CallAccess.NotFound);

                // 2. What exactly?
                (var body, refusal) = await JsonBody.ReadAsync(context.Request, cancellationToken);
                refusal ??= await act(call, body, cancellationToken);
                return refusal is null ? Results.Ok() : new RefusalResult(refusal);
            })
            .WithName(action + "Call").WithTags("Calls").WithSummary(summary)
            .WithDescription(description + " For API keys, and callers on this machine where they need none.")
            .TakesJson(isRequired: action is "accept" or "refer", description)
            .Produces(StatusCodes.Status200OK)
            .ProducesErrors(400, 401, 403, 404, 408, 413, 415, 429, 503);

    private static ValueTask<SessionRefusal?> AcceptAsync(VoiceCall call, JsonElement body, CancellationToken cancellationToken) =>
        body.TryGetProperty("type", out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("realtime"u8))
            ? Refuse(RealtimeErrorCodes.InvalidValue, "type must be 'realtime'.", "type")
            : call.Control.AcceptAsync(body, cancellationToken);

    private static ValueTask<SessionRefusal?> RejectAsync(VoiceCall call, JsonElement body, CancellationToken cancellationToken)
    {
        int status = 603;
        if (body.TryGetProperty("status_code", out var given) && given.ValueKind != JsonValueKind.Null
            && !(given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out status) && status is >= 300 and <= 699))
        {
            return Refuse(RealtimeErrorCodes.InvalidValue, "status_code must be a SIP status from 300 to 699.", "status_code");
        }

        return call.Control.RejectAsync(status, cancellationToken);
    }

    private static ValueTask<SessionRefusal?> ReferAsync(VoiceCall call, JsonElement body, CancellationToken cancellationToken)
    {
        if (!body.TryGetProperty("target_uri", out var target))
            return Refuse(RealtimeErrorCodes.MissingRequiredParameter, "Missing required parameter: 'target_uri'.", "target_uri");
        return target.ValueKind == JsonValueKind.String && IsTarget(target.GetString()!)
            ? call.Control.ReferAsync(target.GetString()!, cancellationToken)
            : Refuse(RealtimeErrorCodes.InvalidValue, "target_uri must be a sip:, sips: or tel: URI, such as tel:+14155550123.", "target_uri");
    }

    private static async ValueTask<SessionRefusal?> HangupAsync(VoiceCall call, JsonElement body, CancellationToken cancellationToken)
    {
        if (await call.Control.HangupAsync(cancellationToken) is { } refusal)
            return refusal;
        call.Session?.End(new SessionTermination(TerminationKind.CallerClosed, "hung up over the API"));
        return null;
    }

    // It becomes a header of a SIP message: visible ASCII only (RFC 3261, section 25.1).
    private static bool IsTarget(string uri) =>
        uri.Length <= LongestTarget && uri.All(c => c is > ' ' and < (char)127 and not ('<' or '>' or '"'))
        && Array.Exists(["sip:", "sips:", "tel:"], scheme => uri.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && uri.Length > scheme.Length);

    private static ValueTask<SessionRefusal?> Refuse(string code, string message, string param) =>
        ValueTask.FromResult<SessionRefusal?>(new SessionRefusal(StatusCodes.Status400BadRequest, RealtimeError.Invalid(code, message, param)));

    private static SessionRefusal NotForSecrets { get; } = new(StatusCodes.Status403Forbidden, RealtimeError.Invalid("client_secret_not_allowed",
        "A client secret may hang up its own call and no more. Use an API key."));
}
