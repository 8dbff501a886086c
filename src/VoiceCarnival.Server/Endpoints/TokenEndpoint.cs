using System.Text.Json;
using Microsoft.OpenApi;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Mints client secrets, so that other frontends can call us without an API key.</summary>
internal static class TokenEndpoint
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapApi(RateLimits.Tokens);
        Map(group, "/api/ephemeral-token", "createEphemeralToken", "Mint a short-lived secret for a browser or another frontend");
        Map(group, "/v1/realtime/client_secrets", "createClientSecret", "Mint a client secret, as OpenAI's API names it");
    }

    private static void Map(RouteGroupBuilder group, string path, string name, string summary) =>
        group.MapPost(path, MintAsync)
            .WithName(name).WithTags("Tokens").WithSummary(summary)
            .WithDescription("The body is optional. API keys may mint, and anyone where no key is required; a client secret may not mint another. "
                + "The secret starts any number of sessions until it expires; sessions that run go on. calls_url is null while WebRTC is unavailable.")
            .Produces<TokenResponse>()
            .ProducesErrors(400, 401, 403, 413, 415, 429)
            .AddOpenApiOperationTransformer(async (operation, context, cancellationToken) => operation.RequestBody = new OpenApiRequestBody
            {
                Required = false,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(TokenRequest), null, cancellationToken) },
                },
            });

    private static async Task<IResult> MintAsync(
        HttpContext context, OriginPolicy origins, SessionPolicy policy, ICallerAuthenticator callers, IVoiceEngine engine, IClientSecretMinter minter,
        IEnumerable<ITransportDescriptor> transports, AccessMetrics metrics, CancellationToken cancellationToken)
    {
        // 1. Who asks, and from where?
        if (origins.Check(context.Request) is { } stranger)
            return new RefusalResult(stranger);
        var (caller, refusal) = callers.Authenticate(HttpCaller.KeyOf(context), HttpCaller.IsLoopback(context));
        if (caller is null)
            return new RefusalResult(refusal!);
        if (caller.Kind == CallerKind.ClientSecret)
        {
            return new RefusalResult(new SessionRefusal(403, RealtimeError.Invalid("client_secret_not_allowed",
                "A client secret may start sessions but not mint another secret. Use an API key.")));
        }

        // 2. What for?
        (var request, refusal) = await TokenRequestReader.ReadAsync(context.Request, cancellationToken);
        if (request is null)
            return new RefusalResult(refusal!);
        if (policy.CheckSession(request.Session ?? default, caller) is { } violation)
            return new RefusalResult(new SessionRefusal(403, violation));

        // 3. Mint.
        var lifetime = TimeSpan.FromSeconds(request.ExpiresAfter?.Seconds ?? 600);
        (var secret, refusal) = await minter.MintAsync(policy.WithOperatorFields(request.Session ?? default, TypeOf(request.Session), caller), lifetime, caller.Name, context.Connection.RemoteIpAddress, cancellationToken);
        if (secret is null)
            return new RefusalResult(refusal!);
        metrics.Minted();
        var session = policy.HidesFrom(caller) ? Hidden(secret.Session) : secret.Session;
        bool hasCalls = transports.Any(transport => transport.Id == "webrtc" && transport.Describe().Available);
        return TypedResults.Ok(new TokenResponse(
            secret.Value,
            secret.ExpiresAt,
            session,
            hasCalls ? context.Request.AbsoluteUrl("/v1/realtime/calls") : null,
            secret.DirectCallsUrl,
            context.Request.AbsoluteUrl("/v1/realtime" + QueryFor(session), isWebSocket: true),
            engine.Name));
    }

    private static string TypeOf(JsonElement? session) =>
        session is { ValueKind: JsonValueKind.Object } fields && fields.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "realtime";

    private static JsonElement Hidden(JsonElement session)
    {
        using var document = JsonDocument.Parse(SessionPolicy.Hide(JsonSerializer.SerializeToUtf8Bytes(session)));
        return document.RootElement.Clone();
    }

    // Clients of the official SDKs always name one of the two.
    private static string QueryFor(JsonElement session)
    {
        if (session.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("transcription"u8))
            return "?intent=transcription";
        return session.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String
            ? "?model=" + Uri.EscapeDataString(model.GetString()!)
            : "";
    }
}
