using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Who may mint client secrets, and the minting itself, whatever shape the request had.</summary>
internal sealed class TokenMint(
    OriginPolicy origins, SessionPolicy policy, IVoiceEngine engine, ICallerAuthenticator callers, IClientSecretMinter minter, ISessionAdmission admission, AccessMetrics metrics)
{
    /// <summary>The caller if it may mint, else the refusal.</summary>
    public (Caller? Caller, SessionRefusal? Refusal) Authorize(HttpContext context)
    {
        if (origins.Check(context.Request) is { } stranger)
            return (null, stranger);
        var (caller, refusal) = callers.Authenticate(context);
        if (caller?.Kind == CallerKind.ClientSecret)
        {
            return (null, new SessionRefusal(403, RealtimeError.Invalid("client_secret_not_allowed",
                "A client secret may start sessions but not mint another secret. Use an API key.")));
        }

        return (caller, refusal);
    }

    /// <summary>Mints within the operator's policy. The session is as the caller may see it.</summary>
    public async ValueTask<ClientSecretMinting> MintAsync(HttpContext context, Caller caller, TokenRequest request, CancellationToken cancellationToken)
    {
        var asked = request.Session ?? default;
        if (policy.CheckSession(asked, caller, engine.Describe().Model) is { } violation)
            return new ClientSecretMinting(null, new SessionRefusal(403, violation));
        // A secret may be spent past this server, where nothing is counted.
        if (await admission.CheckSpendAsync(cancellationToken) is { } broke)
            return new ClientSecretMinting(null, broke);
        var lifetime = TimeSpan.FromSeconds(request.ExpiresAfter?.Seconds ?? 600);
        var minting = await minter.MintAsync(policy.WithOperatorFields(asked, TypeOf(asked), caller), lifetime, caller, context.Connection.RemoteIpAddress, cancellationToken);
        if (minting.Secret is not { } secret)
            return minting;
        metrics.Minted();
        return policy.HidesFrom(caller) ? minting with { Secret = secret with { Session = Hidden(secret.Session) } } : minting;
    }

    private static string TypeOf(JsonElement session) =>
        session.ValueKind == JsonValueKind.Object && session.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString()! : "realtime";

    private static JsonElement Hidden(JsonElement session)
    {
        ReadOnlySpan<byte> bytes = JsonSerializer.SerializeToUtf8Bytes(session);
        return JsonSerializer.Deserialize<JsonElement>(OperatorFields.TryHide(ref bytes) ? bytes : "{}"u8);
    }
}
