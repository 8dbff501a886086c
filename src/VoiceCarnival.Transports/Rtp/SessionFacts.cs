using System.Text.Json;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>What an audio call has to know of the engine's events.</summary>
internal static class SessionFacts
{
    /// <summary>Id of the response in <c>response.created</c> and <c>response.done</c>, and whether it writes to no conversation.</summary>
    public static (string? Id, bool IsOutOfBand) OfResponse(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        if (!TryParse(ref reader, out var document))
            return default;
        using (document)
        {
            var response = Get(document!.RootElement, "response");
            return (Text(response, "id"), Get(response, "conversation_id").ValueKind == JsonValueKind.Null);
        }
    }

    /// <summary>A field of text on the top level.</summary>
    public static string? Field(ReadOnlySpan<byte> utf8Json, string name)
    {
        var reader = new Utf8JsonReader(utf8Json);
        if (!TryParse(ref reader, out var document))
            return null;
        using (document)
            return Text(document!.RootElement, name);
    }

    private static bool TryParse(ref Utf8JsonReader reader, out JsonDocument? document)
    {
        try
        {
            return JsonDocument.TryParseValue(ref reader, out document);
        }
        catch (JsonException)
        {
            document = null; // a fault of the engine's; the caller gets it as it is
            return false;
        }
    }

    private static JsonElement Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return Get(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair
        }
    }
}
