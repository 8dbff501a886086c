using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>JSON objects of the rare events that have to be taken apart; audio never comes through here.</summary>
internal static class BetaJson
{
    // What we read must be what the engine reads: one field of a name.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    // Base64 keeps its '+', text its letters: the bytes go to a JSON parser, never into HTML.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The object; null when the bytes are not one that can be read in one way only.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> utf8Json)
    {
        if (!JsonText.IsUnicode(utf8Json))
            return null;
        try
        {
            return JsonNode.Parse(utf8Json, documentOptions: Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static byte[] Bytes(JsonObject node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Plain))
            node.WriteTo(writer);
        return stream.ToArray();
    }

    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>Takes a field out of an object; false when it is not there.</summary>
    public static bool TryTake(JsonObject from, string name, out JsonNode? value)
    {
        if (!from.TryGetPropertyValue(name, out value))
            return false;
        from.Remove(name);
        return true;
    }

    /// <summary>The object under a name, made when there is none; false when something else is there, which whoever reads it next will complain about.</summary>
    public static bool TryOpen(JsonObject parent, string name, [NotNullWhen(true)] out JsonObject? child)
    {
        if (!parent.TryGetPropertyValue(name, out var existing) || existing is null)
            parent[name] = existing = new JsonObject();
        child = existing as JsonObject;
        return child is not null;
    }

    /// <summary>The value at a path of objects; null when there is none.</summary>
    public static JsonNode? At(JsonNode? from, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
            from = (from as JsonObject)?[name];
        return from;
    }
}
