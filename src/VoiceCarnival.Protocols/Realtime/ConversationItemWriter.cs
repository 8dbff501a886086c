using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Writes items as events carry them: fields that have no value are absent, not null (the agents SDK drops events otherwise), but for one.</summary>
public static class ConversationItemWriter
{
    /// <summary>Writes the item as the writer's next value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="item">What.</param>
    /// <param name="withAudio">Include audio as base64, as <c>conversation.item.retrieved</c> does.</param>
    /// <param name="withContent">False writes an empty content array, as in <c>response.output_item.added</c>.</param>
    public static void Write(Utf8JsonWriter writer, ConversationItem item, bool withAudio = false, bool withContent = true)
    {
        if (item.Raw.ValueKind == JsonValueKind.Object)
        {
            WriteRaw(writer, item);
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("id", item.Id);
        writer.WriteString("object", "realtime.item");
        writer.WriteString("type", item.Type);
        writer.WriteString("status", item.Status);
        switch (item.Type)
        {
            case "function_call":
                writer.WriteString("call_id", item.CallId);
                writer.WriteString("name", item.Name);
                writer.WriteString("arguments", withContent ? item.Arguments ?? string.Empty : string.Empty);
                break;
            case "function_call_output":
                writer.WriteString("call_id", item.CallId);
                writer.WriteString("output", item.Output);
                break;
            default:
                writer.WriteString("role", item.Role);
                writer.WriteStartArray("content");
                foreach (var part in withContent ? item.Content : [])
                    WritePart(writer, part, withAudio);
                writer.WriteEndArray();
                break;
        }

        writer.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter writer, ContentPart part, bool withAudio)
    {
        writer.WriteStartObject();
        writer.WriteString("type", part.Type);
        if (part.Text is not null)
            writer.WriteString("text", part.Text);
        if (part.Transcript is not null)
            writer.WriteString("transcript", part.Transcript);
        else if (part.Type == "input_audio")
            writer.WriteNull("transcript"); // as OpenAI does; the agents SDK throws when it is absent
        if (withAudio && !part.Audio.IsEmpty)
            writer.WriteBase64String("audio", part.Audio.Span);
        if (part.ImageUrl is not null)
            writer.WriteString("image_url", part.ImageUrl);
        if (part.Detail is not null)
            writer.WriteString("detail", part.Detail);
        writer.WriteEndObject();
    }

    private static void WriteRaw(Utf8JsonWriter writer, ConversationItem item)
    {
        writer.WriteStartObject();
        writer.WriteString("id", item.Id);
        writer.WriteString("object", "realtime.item");
        foreach (var property in item.Raw.EnumerateObject())
        {
            if (property.Name is not ("id" or "object"))
                property.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
