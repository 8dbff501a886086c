using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>
/// Bodies of <c>POST /v1/realtime/sessions</c> and <c>/v1/realtime/transcription_sessions</c>: the session itself, with the secret's lifetime inside as
/// <c>client_secret</c>, where GA has <c>{expires_after, session}</c>.
/// </summary>
public static class BetaSecretRequest
{
    /// <summary>The GA body; null with an error in beta's words. What is no JSON object comes back as it is, for GA's reader to refuse.</summary>
    /// <param name="utf8Json">The body, not empty.</param>
    /// <param name="type"><c>realtime</c> or <c>transcription</c>.</param>
    /// <param name="modelFor">The model to ask for in place of the one that was named; null for the engine's own.</param>
    public static (ReadOnlyMemory<byte> Body, RealtimeError? Error) ToGa(ReadOnlyMemory<byte> utf8Json, string type, Func<string?, string?> modelFor)
    {
        if (BetaJson.Parse(utf8Json.Span) is not { } session)
            return (utf8Json, null);
        BetaJson.TryTake(session, "client_secret", out var secret);
        if (secret is not (null or JsonObject))
            return (default, RealtimeError.Invalid(RealtimeErrorCodes.InvalidType, "client_secret must be an object.", "client_secret"));
        // The two endpoints had different names for it.
        JsonNode? expiry = BetaJson.At(secret, "expires_after") ?? BetaJson.At(secret, "expires_at");
        if (BetaJson.Text(session["model"]) is { } asked && modelFor(asked) != asked)
            session.Remove("model");
        if (BetaSession.ToGa(session, type, path: string.Empty) is { } error)
            return (default, error);
        return (BetaJson.Bytes(new JsonObject { ["expires_after"] = expiry?.DeepClone(), ["session"] = session }), null);
    }

    /// <summary>The answer in its beta shape: the session with the secret inside.</summary>
    /// <param name="session">The GA session, UTF-8.</param>
    /// <param name="value">The secret.</param>
    /// <param name="expiresAt">Unix seconds.</param>
    public static byte[] Answer(ReadOnlySpan<byte> session, string value, long expiresAt)
    {
        var beta = BetaSession.ToBeta(BetaJson.Parse(session) ?? []);
        beta["client_secret"] = new JsonObject { ["value"] = value, ["expires_at"] = expiresAt };
        return BetaJson.Bytes(beta);
    }

    /// <summary>A refusal of the GA body, with the fields' beta names.</summary>
    public static RealtimeError Refusal(RealtimeError error) => error.Param?.StartsWith("expires_after", StringComparison.Ordinal) == true
        ? error with { Param = "client_secret." + error.Param, Message = error.Message.Replace("expires_after", "client_secret.expires_after", StringComparison.Ordinal) }
        : BetaPaths.OfBody(error);
}
