using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>The operator's model and voice, for whoever names none.</summary>
internal static class SessionDefaults
{
    /// <summary>A GA session object with <paramref name="session"/> over the defaults of its type.</summary>
    public static JsonObject Under(JsonElement session, OpenAIOptions options)
    {
        var asked = session.ValueKind == JsonValueKind.Object ? JsonObject.Create(session)! : [];
        bool isTranscription = asked["type"] is JsonValue type && type.TryGetValue(out string? name) && name == "transcription";
        var fields = isTranscription
            ? new JsonObject { ["type"] = "transcription" }
            : new JsonObject { ["type"] = "realtime", ["model"] = options.Model, ["audio"] = new JsonObject { ["output"] = new JsonObject { ["voice"] = options.Voice } } };
        EventJson.Merge(fields, asked);
        return fields;
    }
}
