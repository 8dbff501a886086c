using Microsoft.OpenApi;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>POST /v1/realtime/calls</c>: starts a WebRTC call. <c>POST /api/calls</c>: tells of one that was started past this server.</summary>
internal static class CallsEndpoint
{
    private const string Sdp = "application/sdp";

    public static void MapCalls(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapApi(RateLimits.Api);
        group.MapPost("/v1/realtime/calls", CreateAsync)
            .WithName("createCall").WithTags("Calls")
            .WithSummary("Start a WebRTC call")
            .WithDescription("The body is an SDP offer (application/sdp), or a multipart form with the parts sdp and session. The answer is SDP; Location has the call's id. Query: transport (webrtc: media through this server; webrtc-direct: straight to the service), model, resume (the token of a session to come back to).")
            .Produces(StatusCodes.Status201Created, contentType: Sdp)
            .ProducesErrors(400, 401, 403, 408, 413, 415, 429, 501, 503)
            .AddOpenApiOperationTransformer(DescribeBodyAsync);
        // For callers whose HTTP stack has no PATCH.
        group.MapPost("/v1/realtime/calls/{call_id}", RenegotiateAsync).ExcludeFromDescription();
        group.MapPatch("/v1/realtime/calls/{call_id}", RenegotiateAsync)
            .WithName("renegotiateCall").WithTags("Calls")
            .WithSummary("Go on with a WebRTC call over another network path")
            .WithDescription("The body is a new offer (application/sdp) of the same browser connection, as restartIce() makes it; the answer is SDP. For calls whose media are at this server. 404 when the call is over.")
            .Produces(StatusCodes.Status200OK, contentType: Sdp)
            .ProducesErrors(400, 401, 403, 404, 408, 409, 413, 415, 429)
            .AddOpenApiOperationTransformer(DescribeBodyAsync);
        group.MapPost("/api/calls", ReportAsync)
            .WithName("reportCall").WithTags("Calls")
            .WithSummary("Report a call that was started straight at the service with a client secret from here")
            .WithDescription("From then on the call is a session here: within the limits, with its events at /v1/realtime?call_id=…, and ended with it. It takes the secret that started it, or an API key; whoever reports a call first has it, so keep its id to yourself until then.")
            .Accepts<CallReport>("application/json")
            .Produces<CallReported>(StatusCodes.Status202Accepted)
            .ProducesErrors(400, 401, 403, 404, 408, 413, 415, 429, 501, 503);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, SessionPolicy policy, IVoiceEngine engine, IEnumerable<ICallExchange> exchanges, VoiceSessionHost host,
        CancellationToken cancellationToken)
    {
        // 1. Who takes the media? With several the caller may choose.
        string wanted = context.Request.Query["transport"].ToString();
        ICallExchange[] open = [.. exchanges.Where(candidate => wanted.Length == 0 || candidate.Transport == wanted)];
        if (open.Length == 0)
            return new RefusalResult(Unavailable);

        // 2. Who calls, and with what? A token to come back with is a key of its own: the one that the call began with may have run out by now.
        string? resume = context.Request.Query["resume"].ToString() is { Length: > 0 and <= 256 } token ? token : null;
        var (caller, refusal) = CallerOf(context, callers, origins);
        if (caller is null && resume is not null && host.FindByToken(resume) is not null)
            caller = Caller.Anonymous;
        if (caller is null)
            return new RefusalResult(refusal!);
        open = Array.FindAll(open, candidate => (candidate.IsOpenTo(caller) || wanted.Length > 0) && (resume is null || candidate.TakesReturning));
        if ((Array.Find(open, candidate => candidate.IsPreferred) ?? open.FirstOrDefault()) is not { } exchange)
            return new RefusalResult(Unavailable);
        (var sdp, var session, refusal) = await CallOfferReader.ReadAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return new RefusalResult(refusal);
        if (policy.CheckSession(session, caller, engine.Describe().Model) is { } violation)
            return new RefusalResult(new SessionRefusal(StatusCodes.Status403Forbidden, violation));

        // 3. Exchange.
        var models = context.Request.Query["model"];
        string model = models.ToString();
        if (models.Count > 1 || model.Length > 256 || model.Any(char.IsControl))
        {
            return new RefusalResult(new SessionRefusal(StatusCodes.Status400BadRequest, RealtimeError.Invalid("invalid_model",
                "Invalid value for 'model': it is given more than once, is longer than 256 characters, or has control characters in it.", "model")));
        }

        bool isNamed = model.Length > 0 && (policy.LetsNameModel || !policy.Restricts(caller));
        var opening = await exchange.OpenAsync(
            new CallOffer(sdp, session, isNamed ? model : null, caller, context.Connection.RemoteIpAddress, resume), cancellationToken);
        if (opening.Call is not { } call)
            return new RefusalResult(opening.Refusal!);
        context.Response.Headers.Location = context.Request.RelativeUrl($"/v1/realtime/calls/{call.Id}");
        context.Response.StatusCode = StatusCodes.Status201Created;
        return Results.Bytes(opening.Answer, Sdp);
    }

    /// <summary>
    /// A further offer for a call, by ICE restart or otherwise. Who knows the call's id, which nobody can guess, and has its certificate is who began it; a key that was good then
    /// may have run out.
    /// </summary>
    private static async Task<IResult> RenegotiateAsync(string call_id, HttpContext context, CallDirectory directory, CancellationToken cancellationToken)
    {
        var (sdp, _, refusal) = await CallOfferReader.ReadAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return new RefusalResult(refusal);
        if (directory.Find(call_id) is not { } call)
            return new RefusalResult(CallAccess.NotFound);
        var answered = await call.Control.RenegotiateAsync(sdp, cancellationToken);
        return answered.Refusal is { } refused ? new RefusalResult(refused) : Results.Bytes(answered.Answer, Sdp);
    }

    private static async Task<IResult> ReportAsync(
        HttpContext context, ICallerAuthenticator callers, OriginPolicy origins, CancellationToken cancellationToken)
    {
        if (context.RequestServices.GetService<ICallReports>() is not { } reports)
        {
            return new RefusalResult(new SessionRefusal(StatusCodes.Status501NotImplemented, RealtimeError.Invalid("transport_unavailable",
                "The engine that answers here has no calls that pass this server by.")));
        }

        var (caller, refusal) = CallerOf(context, callers, origins);
        if (caller is null)
            return new RefusalResult(refusal!);
        if (caller.Kind == CallerKind.Anonymous && !HttpCaller.IsLoopback(context))
        {
            return new RefusalResult(new SessionRefusal(StatusCodes.Status403Forbidden, RealtimeError.Invalid("client_secret_required",
                "Report a call with the client secret that started it, or with an API key.")));
        }

        (var body, refusal) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return new RefusalResult(refusal);
        if (!body.TryGetProperty("call_id", out var id) || id.ValueKind != System.Text.Json.JsonValueKind.String || !VoiceCall.IsId(id.GetString()))
        {
            return new RefusalResult(new SessionRefusal(StatusCodes.Status400BadRequest, RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue,
                "call_id must be the last part of the Location that the service answered with, such as rtc_….", "call_id")));
        }

        var opening = await reports.TakeAsync(id.GetString()!, caller, context.Connection.RemoteIpAddress, cancellationToken);
        return opening.Call is { } call
            ? TypedResults.Accepted((string?)null, new CallReported(call.Id, call.Session?.Id))
            : new RefusalResult(opening.Refusal!);
    }

    private static SessionRefusal Unavailable { get; } = new(StatusCodes.Status501NotImplemented, RealtimeError.Invalid("transport_unavailable",
        "This server takes no such WebRTC calls. Use the WebSocket at /v1/realtime; /api/config tells what is available."));

    /// <summary>The caller. One without a key must come from a page that may call, since a browser would send the request for any page.</summary>
    private static (Caller? Caller, SessionRefusal? Refusal) CallerOf(HttpContext context, ICallerAuthenticator callers, OriginPolicy origins)
    {
        bool isLoopback = HttpCaller.IsLoopback(context);
        var (caller, refusal) = callers.Authenticate(context);
        return caller?.Kind == CallerKind.Anonymous && origins.Check(context.Request, isLoopback) is { } foreign ? (null, foreign) : (caller, refusal);
    }

    private static Task DescribeBodyAsync(OpenApiOperation operation, Microsoft.AspNetCore.OpenApi.OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [Sdp] = new() { Schema = text },
                ["multipart/form-data"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Required = new HashSet<string>(StringComparer.Ordinal) { "sdp" },
                        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["sdp"] = text, ["session"] = new OpenApiSchema { Type = JsonSchemaType.Object } },
                    },
                },
            },
        };
        return Task.CompletedTask;
    }
}

/// <summary>A call that was started past this server.</summary>
/// <param name="CallId">The last part of the <c>Location</c> that the service answered with.</param>
internal sealed record CallReport(string CallId);

/// <summary>The call as it is known here now.</summary>
/// <param name="CallId"><c>rtc_…</c></param>
/// <param name="SessionId"><c>sess_…</c>, as in the list of sessions and in the log.</param>
internal sealed record CallReported(string CallId, string? SessionId);
