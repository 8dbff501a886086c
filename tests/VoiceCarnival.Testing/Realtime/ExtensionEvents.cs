using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The events of our own, whose types start with <c>voicecarnival.</c>.</summary>
internal static class ExtensionEvents
{
    public const string AudioItem = "voicecarnival.audio_item";

    public static bool IsExtension(string type) => type.StartsWith("voicecarnival.", StringComparison.Ordinal);

    public static IReadOnlyList<string> Validate(string type, JsonElement json)
    {
        var problems = new List<string>();
        if (json.TryGetProperty("event_id", out var id) && id.ValueKind != JsonValueKind.String)
        {
            problems.Add($"{type} event_id: must be a string or absent");
        }

        if (type == AudioItem)
        {
            if (!json.TryGetProperty("ordinal", out var ordinal) || ordinal.ValueKind != JsonValueKind.Number || !ordinal.TryGetUInt32(out _))
            {
                problems.Add($"{type} ordinal: must be an unsigned 32-bit integer");
            }

            foreach (string name in (string[])["item_id", "response_id"])
            {
                if (!json.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String || value.GetString()!.Length == 0)
                {
                    problems.Add($"{type} {name}: must be a string with content");
                }
            }
        }

        return problems;
    }
}
