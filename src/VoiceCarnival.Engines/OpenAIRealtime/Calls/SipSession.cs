using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>Session fields of phone calls.</summary>
internal static class SipSession
{
    // The service refuses them for SIP (reference, section 1.6).
    private static readonly string[] NotForSip = ["threshold", "prefix_padding_ms", "silence_duration_ms"];

    /// <summary>What a route asks for.</summary>
    public static JsonObject Of(CallRoute route)
    {
        var fields = new JsonObject { ["type"] = "realtime" };
        if (!string.IsNullOrEmpty(route.Model))
            fields["model"] = route.Model;
        if (!string.IsNullOrEmpty(route.Voice))
            fields["audio"] = new JsonObject { ["output"] = new JsonObject { ["voice"] = route.Voice } };
        if (route.Instructions is not null)
            fields["instructions"] = route.Instructions;
        if (!string.IsNullOrWhiteSpace(route.Tools))
            fields["tools"] = JsonNode.Parse(route.Tools);
        return fields;
    }

    /// <summary>The body of an <c>accept</c>: defaults under the fields, without what SIP does not take.</summary>
    public static JsonElement ToAccept(JsonElement fields, OpenAIOptions options)
    {
        var session = SessionDefaults.Under(fields, options);
        if (session["audio"]?["input"]?["turn_detection"] is JsonObject turns)
        {
            foreach (string name in NotForSip)
                turns.Remove(name);
        }

        return JsonSerializer.SerializeToElement(session);
    }
}
