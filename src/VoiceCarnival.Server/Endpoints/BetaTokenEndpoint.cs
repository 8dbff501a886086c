using System.Net.Mime;
using System.Text.Json;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime.Beta;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Where frontends of the beta mint: the body is the session, and so is the answer, with the secret inside.</summary>
internal static class BetaTokenEndpoint
{
    public static void MapBetaTokens(this IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<IOptions<BetaOptions>>().Value.Enabled)
            return;
        var group = routes.MapApi(RateLimits.Tokens);
        Map(group, "/v1/realtime/sessions", "createBetaSession", "realtime");
        Map(group, "/v1/realtime/transcription_sessions", "createBetaTranscriptionSession", "transcription");
    }

    private static void Map(RouteGroupBuilder group, string path, string name, string type) =>
        group.MapPost(path, (HttpContext context, TokenMint mint, IOptions<BetaOptions> beta, CancellationToken cancellationToken) => MintAsync(context, type, mint, beta.Value, cancellationToken))
            .WithName(name).WithTags("Tokens").WithSummary($"Mint a client secret for a {type} session, in the beta API's shape")
            .WithDescription("For frontends written before GA; new ones use /v1/realtime/client_secrets. The body is a beta session object, or empty; client_secret.expires_after sets the lifetime.")
            .TakesJson(isRequired: false, "A beta session object; client_secret.expires_after sets the secret's lifetime.")
            .Produces(200, contentType: MediaTypeNames.Application.Json)
            .ProducesErrors(400, 401, 403, 408, 413, 415, 429);

    private static async Task<IResult> MintAsync(HttpContext context, string type, TokenMint mint, BetaOptions beta, CancellationToken cancellationToken)
    {
        var (caller, refusal) = mint.Authorize(context);
        if (caller is null)
            return new RefusalResult(refusal!);

        (var body, refusal) = await TokenRequestReader.ReadBodyAsync(context.Request, cancellationToken);
        if (refusal is not null)
            return new RefusalResult(refusal);
        var (ga, error) = BetaSecretRequest.ToGa(body.IsEmpty ? "{}"u8.ToArray() : body, type, beta.ModelFor);
        if (error is not null)
            return new RefusalResult(new SessionRefusal(400, error));
        (var request, refusal) = TokenRequestReader.Parse(ga);
        if (request is null)
            return Refuse(refusal!);

        var minting = await mint.MintAsync(context, caller, request, cancellationToken);
        if (minting.Secret is not { } secret)
            return Refuse(minting.Refusal!);
        return TypedResults.Bytes(BetaSecretRequest.Answer(JsonSerializer.SerializeToUtf8Bytes(secret.Session), secret.Value, secret.ExpiresAt), MediaTypeNames.Application.Json);
    }

    private static RefusalResult Refuse(SessionRefusal refusal) => new(refusal with { Error = BetaSecretRequest.Refusal(refusal.Error) });
}
