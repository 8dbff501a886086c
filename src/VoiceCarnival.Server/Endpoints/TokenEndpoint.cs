using System.Text.Json;
using Microsoft.OpenApi;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.WebRtc;

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
            .WithDescription("The body is optional. API keys and users of the identity provider may mint, and anyone where no key is required; a client secret may not mint another. "
                + "The secret starts any number of sessions until it expires; sessions that run go on. calls_url is null where WebRTC is unavailable to the holder.")
            .Produces<TokenResponse>()
            .ProducesErrors(400, 401, 403, 408, 413, 415, 429)
            .AddOpenApiOperationTransformer(async (operation, context, cancellationToken) => operation.RequestBody = new OpenApiRequestBody
            {
                Required = false,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(typeof(TokenRequest), null, cancellationToken) },
                },
            });

    private static async Task<IResult> MintAsync(
        HttpContext context, TokenMint mint, IVoiceEngine engine, IEnumerable<ICallExchange> exchanges, IceServers iceServers, CancellationToken cancellationToken)
    {
        var (caller, refusal) = mint.Authorize(context);
        if (caller is null)
            return new RefusalResult(refusal!);
        // OpenAI's own path is as strict as OpenAI: what passes here passes there.
        bool typeIsRequired = context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);
        (var request, refusal) = await TokenRequestReader.ReadAsync(context.Request, typeIsRequired, cancellationToken);
        if (request is null)
            return new RefusalResult(refusal!);
        var minting = await mint.MintAsync(context, caller, request, cancellationToken);
        if (minting.Secret is not { } secret)
            return new RefusalResult(minting.Refusal!);
        // Media that go past this server are for whom the policy lets; media through it are for all.
        bool hasCalls = exchanges.Any(exchange => exchange.Transport == "webrtc-direct" ? secret.DirectCallsUrl is not null : exchange.IsOpenTo(caller));
        return TypedResults.Ok(new TokenResponse(
            secret.Value,
            secret.ExpiresAt,
            secret.Session,
            hasCalls ? context.Request.AbsoluteUrl("/v1/realtime/calls") : null,
            secret.DirectCallsUrl,
            context.Request.AbsoluteUrl("/v1/realtime" + QueryFor(secret.Session), isWebSocket: true),
            engine.Name,
            hasCalls && iceServers.For(caller.Name) is { Count: > 0 } servers ? servers : null));
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
