using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>What OpenAI's agents SDK (0.20) needs of server events beyond the schema.</summary>
/// <remarks>
/// Its strict parsing downgrades an event that does not fit to a generic one and skips the logic behind it, so a server that is
/// right by the schema can still be silent there.
/// </remarks>
public static class AgentsSdkRules
{
    private static readonly string[] NeverNull = ["id", "item_id", "response_id", "name", "call_id", "arguments"];

    private static readonly HashSet<string> ContentTypes = new(StringComparer.Ordinal)
    {
        "input_text", "input_audio", "input_image", "item_reference", "output_text", "audio", "output_audio",
    };

    /// <summary>Answers what is wrong, each with its path.</summary>
    public static IReadOnlyList<string> Validate(JsonElement json)
    {
        var problems = new List<string>();
        string type = json.GetProperty("type").GetString()!;
        Action<string, string> report = (path, text) => problems.Add($"{type} {path}: {text} (agents SDK)");

        switch (type)
        {
            case "response.content_part.added" or "response.content_part.done" when TryGetObject(json, "part", out var part):
                CheckPart(part, report);
                break;
            case "response.created" or "response.done" when TryGetObject(json, "response", out var response):
                CheckResponse(response, report);
                break;
            case "conversation.item.input_audio_transcription.completed" when TryGetObject(json, "usage", out var usage):
                CheckTranscriptionUsage(usage, report);
                break;
            case "response.mcp_call_arguments.delta" when !IsString(json, "obfuscation"):
                report("obfuscation", "must be a string");
                break;
            case "session.updated" when TryGetObject(json, "session", out var session):
                CheckSession(session, report);
                break;
        }

        if (TryGetObject(json, "item", out var item))
        {
            CheckItem(item, "item", report);
        }

        CheckNulls(json, "", report);
        return problems;
    }

    private static void CheckPart(JsonElement part, Action<string, string> report)
    {
        foreach (var property in part.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                report($"part.{property.Name}", "must be absent, not null");
            }
        }

        if (!part.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() is not ("text" or "audio"))
        {
            report("part.type", "must be text or audio");
        }
    }

    private static void CheckResponse(JsonElement response, Action<string, string> report)
    {
        if (TryGetObject(response, "audio", out var audio)
            && TryGetObject(audio, "output", out var output)
            && output.TryGetProperty("voice", out var voice)
            && voice.ValueKind != JsonValueKind.String)
        {
            report("response.audio.output.voice", "must be a string");
        }

        CheckNulls(response, "response", report);
        if (response.TryGetProperty("output", out var items) && items.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (var item in items.EnumerateArray())
            {
                CheckItem(item, $"response.output[{index++}]", report);
            }
        }
    }

    /// <summary>Missing booleans here make the SDK send response.cancel where the server has cancelled already.</summary>
    private static void CheckSession(JsonElement session, Action<string, string> report)
    {
        if (session.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String
            && type.ValueEquals("realtime")
            && TryGetObject(session, "audio", out var audio)
            && TryGetObject(audio, "input", out var input)
            && TryGetObject(input, "turn_detection", out var detection)
            && !(detection.TryGetProperty("interrupt_response", out var interrupt)
                && interrupt.ValueKind is JsonValueKind.True or JsonValueKind.False))
        {
            report("session.audio.input.turn_detection.interrupt_response", "must be echoed as a boolean");
        }
    }

    private static void CheckTranscriptionUsage(JsonElement usage, Action<string, string> report)
    {
        if (!usage.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "tokens")
        {
            return;
        }

        foreach (string count in (string[])["text_tokens", "audio_tokens"])
        {
            if (!TryGetObject(usage, "input_token_details", out var details)
                || !details.TryGetProperty(count, out var value)
                || value.ValueKind != JsonValueKind.Number)
            {
                report($"usage.input_token_details.{count}", "must be a number");
            }
        }
    }

    private static void CheckItem(JsonElement item, string path, Action<string, string> report)
    {
        CheckNulls(item, path, report);
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        int index = 0;
        foreach (var part in content.EnumerateArray())
        {
            if (part.ValueKind == JsonValueKind.Object
                && part.TryGetProperty("type", out var type)
                && !(type.ValueKind == JsonValueKind.String && ContentTypes.Contains(type.GetString()!)))
            {
                report($"{path}.content[{index}].type", "is not a content type");
            }

            if (part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String
                && kind.ValueEquals("input_audio") && !part.TryGetProperty("transcript", out _))
            {
                report($"{path}.content[{index}].transcript", "must be there, if only as null: the SDK throws without it");
            }

            index++;
        }
    }

    private static void CheckNulls(JsonElement json, string path, Action<string, string> report)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (string name in NeverNull)
        {
            if (json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null)
            {
                report(path.Length == 0 ? name : $"{path}.{name}", "must be absent, not null");
            }
        }
    }

    private static bool TryGetObject(JsonElement json, string name, out JsonElement value)
    {
        value = default;
        return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out value) && value.ValueKind == JsonValueKind.Object;
    }

    private static bool IsString(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String;
}
