using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>JSON of the rare events that the relay has to change or to write itself.</summary>
internal static class EventJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

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

    /// <summary>UTF-8 bytes of an object.</summary>
    public static byte[] Bytes(JsonObject node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    /// <summary>Lays <paramref name="fields"/> over <paramref name="target"/>, objects within objects, as the service merges a <c>session.update</c>.</summary>
    public static void Merge(JsonObject target, JsonObject fields) => SessionFields.Merge(target, fields);
}
