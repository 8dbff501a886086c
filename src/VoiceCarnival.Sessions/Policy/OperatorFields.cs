using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>
/// Takes the operator's instructions, tools, stored prompt and system messages out of what callers see, wherever an event carries them: session and
/// response objects, items, lists of MCP tools. Calls of tools are part of the conversation and stay.
/// </summary>
public static class OperatorFields
{
    /// <summary>Empties them. Events that carry none pass as they are.</summary>
    /// <param name="utf8Json">An event, or a session object.</param>
    /// <returns>False when it may carry some and cannot be read, so that it must not be shown.</returns>
    public static bool TryHide(ref ReadOnlySpan<byte> utf8Json)
    {
        if (!MayCarry(utf8Json))
            return true;
        try
        {
            if (JsonNode.Parse(utf8Json) is not JsonObject node)
                return false;
            Hide(node);
            var buffer = new ArrayBufferWriter<byte>(utf8Json.Length);
            using var writer = new Utf8JsonWriter(buffer);
            node.WriteTo(writer);
            writer.Flush();
            utf8Json = buffer.WrittenSpan;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return false; // cut off, a field twice, half a surrogate pair
        }
    }

    private static bool MayCarry(ReadOnlySpan<byte> utf8Json) =>
        utf8Json.IndexOf("\"instructions\""u8) >= 0 || utf8Json.IndexOf("\"tools\""u8) >= 0 || utf8Json.IndexOf("\"tool_choice\""u8) >= 0
        || utf8Json.IndexOf("\"prompt\""u8) >= 0 || utf8Json.IndexOf("\"system\""u8) >= 0 || utf8Json.IndexOf("\"developer\""u8) >= 0;

    private static void Hide(JsonObject node)
    {
        bool isOperators = node["role"] is JsonValue role && role.TryGetValue(out string? name) && name is "system" or "developer";
        foreach (var (field, value) in node.ToArray())
        {
            switch (field)
            {
                case "instructions" when value is not null:
                    node[field] = "";
                    break;
                case "tools" when value is not null:
                    node[field] = new JsonArray();
                    break;
                case "tool_choice" when value is JsonObject:
                    node[field] = "auto";
                    break;
                case "prompt" when value is JsonObject: // a stored prompt; the transcription's own is text
                    node[field] = null;
                    break;
                case "content" when isOperators:
                    Empty(value);
                    break;
                case "metadata": // the caller's own names
                    break;
                default:
                    Descend(value);
                    break;
            }
        }
    }

    private static void Descend(JsonNode? value)
    {
        if (value is JsonObject inner)
            Hide(inner);
        else if (value is JsonArray list)
            foreach (var item in list)
                Descend(item);
    }

    private static void Empty(JsonNode? content)
    {
        if (content is not JsonArray parts)
            return;
        foreach (var part in parts.OfType<JsonObject>())
        {
            if (part.ContainsKey("text"))
                part["text"] = "";
        }
    }
}
