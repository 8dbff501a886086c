using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Reads a token request from an untrusted body and says exactly what is wrong with it.</summary>
internal static class TokenRequestReader
{
    public const int LargestBody = 1024 * 1024;
    private const int ShortestSeconds = 10;
    private const int LongestSeconds = 7200;
    private const int DefaultSeconds = 600;
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static SessionRefusal TooLarge { get; } = new(413, RealtimeError.Invalid("body_too_large", "The body is larger than 1 MB."));

    public static SessionRefusal NotJson { get; } = new(415, RealtimeError.Invalid("unsupported_media_type",
        "Send JSON with the header 'Content-Type: application/json', or no body at all."));

    public static async ValueTask<(TokenRequest? Request, SessionRefusal? Refusal)> ReadAsync(HttpRequest request, bool typeIsRequired, CancellationToken cancellationToken)
    {
        var (body, refusal) = await ReadBodyAsync(request, cancellationToken);
        if (refusal is not null)
            return (null, refusal);
        if (body.IsEmpty)
            return (TokenRequest.Empty, null);
        var (token, wrong) = Parse(body);
        return typeIsRequired && token?.Session is { } session && !session.TryGetProperty("type", out _)
            ? Refuse(RealtimeErrorCodes.MissingRequiredParameter, "Missing required parameter: 'session.type'. It is 'realtime' or 'transcription'.", "session.type")
            : (token, wrong);
    }

    /// <summary>The bytes of a JSON body; empty when there is none.</summary>
    public static async ValueTask<(ReadOnlyMemory<byte> Body, SessionRefusal? Refusal)> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (body, refusal) = await RequestBody.ReadAsync(request, LargestBody, cancellationToken);
        if (refusal is not null)
            return (default, refusal);
        return body.IsEmpty || request.HasJsonContentType() ? (body, null) : (default, NotJson);
    }

    internal static (TokenRequest? Request, SessionRefusal? Refusal) Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8Json, Strict);
            RequireText(document.RootElement);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return Refuse("invalid_json", "The body is not valid JSON, names a field twice, or is nested too deeply.", null);
        }
        catch (InvalidOperationException)
        {
            return Refuse("invalid_json", "The body has strings that are not valid Unicode.", null);
        }
    }

    private static (TokenRequest? Request, SessionRefusal? Refusal) Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return Refuse(RealtimeErrorCodes.InvalidType, "The body must be a JSON object.", null);
        int seconds = DefaultSeconds;
        JsonElement? session = null;
        foreach (var field in root.EnumerateObject())
        {
            switch (field.Name)
            {
                case "expires_after":
                    if (ReadExpiry(field.Value, ref seconds) is { } refusal)
                        return (null, refusal);
                    break;
                case "session" when field.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Null:
                    session = field.Value.ValueKind == JsonValueKind.Object ? field.Value.Clone() : null;
                    break;
                case "session":
                    return Refuse(RealtimeErrorCodes.InvalidType, "session must be an object.", "session");
                default:
                    return Refuse(RealtimeErrorCodes.UnknownParameter, $"Unknown parameter: '{Shown(field.Name)}'. Known are expires_after and session.", Shown(field.Name));
            }
        }

        return (new TokenRequest(new TokenExpiry("created_at", seconds), session), null);
    }

    private static SessionRefusal? ReadExpiry(JsonElement expiry, ref int seconds)
    {
        if (expiry.ValueKind == JsonValueKind.Null)
            return null;
        if (expiry.ValueKind != JsonValueKind.Object)
            return Refuse(RealtimeErrorCodes.InvalidType, "expires_after must be an object.", "expires_after").Refusal;
        foreach (var field in expiry.EnumerateObject())
        {
            switch (field.Name)
            {
                case "anchor":
                    if (field.Value.ValueKind != JsonValueKind.String || !field.Value.ValueEquals("created_at"u8))
                        return Refuse(RealtimeErrorCodes.InvalidValue, "expires_after.anchor must be 'created_at'.", "expires_after.anchor").Refusal;
                    break;
                case "seconds":
                    if (field.Value.ValueKind != JsonValueKind.Number || !field.Value.TryGetInt32(out seconds) || seconds is < ShortestSeconds or > LongestSeconds)
                    {
                        return Refuse(RealtimeErrorCodes.InvalidValue, $"expires_after.seconds must be a whole number from {ShortestSeconds} to {LongestSeconds}.",
                            "expires_after.seconds").Refusal;
                    }

                    break;
                default:
                    string param = "expires_after." + Shown(field.Name);
                    return Refuse(RealtimeErrorCodes.UnknownParameter, $"Unknown parameter: '{param}'. Known are anchor and seconds.", param).Refusal;
            }
        }

        return null;
    }

    // JSON may escape half a surrogate pair, or carry bytes that are not UTF-8; reading such a string throws, so it is done here once for all who read it later.
    private static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    RequireText(item);
                break;
            case JsonValueKind.Object:
                foreach (var field in element.EnumerateObject())
                {
                    _ = field.Name;
                    RequireText(field.Value);
                }

                break;
        }
    }

    private static string Shown(string name) => name.Length <= 64 ? name : name[..64];

    private static (TokenRequest? Request, SessionRefusal? Refusal) Refuse(string code, string message, string? param) =>
        (null, new SessionRefusal(400, RealtimeError.Invalid(code, message, param)));
}
