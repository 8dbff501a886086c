using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Reads an untrusted body that should be a JSON object, or nothing, which counts as an empty one.</summary>
internal static class JsonBody
{
    private const int Largest = 256 * 1024;
    private static readonly JsonElement Empty = JsonDocument.Parse("{}").RootElement.Clone();
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static async ValueTask<(JsonElement Body, SessionRefusal? Refusal)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var (body, refusal) = await RequestBody.ReadAsync(request, Largest, cancellationToken);
        if (refusal is not null)
            return (default, refusal);
        if (body.IsEmpty)
            return (Empty, null);
        if (!request.HasJsonContentType())
            return (default, TokenRequestReader.NotJson);
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (default, Refuse(RealtimeErrorCodes.InvalidType, "The body must be a JSON object."));
            return JsonText.IsUnicode(body.Span) ? (document.RootElement.Clone(), null) : (default, Refuse("invalid_json", "The body has strings that are not valid Unicode."));
        }
        catch (JsonException)
        {
            return (default, Refuse("invalid_json", "The body is not valid JSON, names a field twice, or is nested too deeply."));
        }
    }

    private static SessionRefusal Refuse(string code, string message) => new(StatusCodes.Status400BadRequest, RealtimeError.Invalid(code, message));
}
