using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>One event from the server, as a test sees it.</summary>
/// <param name="Type">The event's type.</param>
/// <param name="Json">The whole event.</param>
/// <param name="At">When it came, counted from the connection's start.</param>
/// <param name="Problems">What the schema says against it.</param>
public sealed record ReceivedEvent(string Type, JsonElement Json, TimeSpan At, IReadOnlyList<string> Problems)
{
    /// <summary>A string inside the event by its path, as <c>response.id</c> or <c>response.output.0.id</c>; null when absent or null.</summary>
    public string? Text(string path) => Find(path) is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } value ? value.ToString() : null;

    /// <summary>Any value inside the event by its path; <see cref="JsonValueKind.Undefined"/> when absent.</summary>
    public JsonElement Find(string path)
    {
        var place = Json;
        foreach (string step in path.Split('.'))
        {
            if (place.ValueKind == JsonValueKind.Array && int.TryParse(step, out int index) && index < place.GetArrayLength())
            {
                place = place[index];
            }
            else if (place.ValueKind != JsonValueKind.Object || !place.TryGetProperty(step, out place))
            {
                return default;
            }
        }

        return place;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        string text = Json.GetRawText().ReplaceLineEndings(" ");
        return $"+{At.TotalMilliseconds,7:0} ms {(text.Length > 240 ? $"{text[..240]}… ({text.Length} characters)" : text)}";
    }
}
