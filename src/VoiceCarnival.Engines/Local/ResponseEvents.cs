using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>Writes the <c>response.*</c> events of one response, with the ids they all carry.</summary>
internal sealed class ResponseEvents(string responseId, ResponseOptions options, string? conversationId, EventEmitter emit)
{
    public void Created() => Response(ServerEventTypes.ResponseCreated, "in_progress", null, [], null);

    public void Done(ResponseEnd end, IReadOnlyList<ConversationItem> output, TokenUsage usage) =>
        Response(ServerEventTypes.ResponseDone, end.Status, end, output, usage);

    public void Item(string type, int outputIndex, ConversationItem item, bool withContent)
    {
        var writer = Begin(type, null, outputIndex);
        writer.WritePropertyName("item");
        ConversationItemWriter.Write(writer, item, withContent: withContent);
        emit.End();
    }

    public void Part(string type, string itemId, int outputIndex, ContentPart part)
    {
        var writer = Begin(type, itemId, outputIndex, 0);
        writer.WriteStartObject("part");
        if (part.Type == "output_audio")
        {
            writer.WriteString("type", "audio");
            writer.WriteString("transcript", part.Transcript ?? string.Empty);
        }
        else
        {
            writer.WriteString("type", "text");
            writer.WriteString("text", part.Text ?? string.Empty);
        }

        writer.WriteEndObject();
        emit.End();
    }

    /// <summary>A delta or done event of a content part with one string beside the ids, or none.</summary>
    public void Text(string type, string itemId, int outputIndex, string? name, ReadOnlySpan<char> value)
    {
        var writer = Begin(type, itemId, outputIndex, 0);
        if (name is not null)
            writer.WriteString(name, value);
        emit.End();
    }

    public void Arguments(string type, ConversationItem call, int outputIndex, string name, ReadOnlySpan<char> value)
    {
        var writer = Begin(type, call.Id, outputIndex);
        writer.WriteString("call_id", call.CallId);
        if (type == ServerEventTypes.FunctionCallArgumentsDone)
            writer.WriteString("name", call.Name);
        writer.WriteString(name, value);
        emit.End();
    }

    private Utf8JsonWriter Begin(string type, string? itemId, int outputIndex, int? contentIndex = null)
    {
        var writer = emit.Begin(type);
        writer.WriteString("response_id", responseId);
        if (itemId is not null)
            writer.WriteString("item_id", itemId);
        writer.WriteNumber("output_index", outputIndex);
        if (contentIndex is { } index)
            writer.WriteNumber("content_index", index);
        return writer;
    }

    private void Response(string type, string status, ResponseEnd? end, IReadOnlyList<ConversationItem> output, TokenUsage? usage)
    {
        var writer = emit.Begin(type);
        writer.WriteStartObject("response");
        writer.WriteString("id", responseId);
        writer.WriteString("object", "realtime.response");
        writer.WriteString("status", status);
        if (end is not null)
            WriteDetails(writer, end);
        writer.WriteStartArray("output");
        foreach (var item in output)
            ConversationItemWriter.Write(writer, item);
        writer.WriteEndArray();
        writer.WriteString("conversation_id", conversationId);
        writer.WriteStartArray("output_modalities");
        writer.WriteStringValue(options.OutputModality);
        writer.WriteEndArray();
        if (options.MaxOutputTokens is { } max)
            writer.WriteNumber("max_output_tokens", max);
        else
            writer.WriteString("max_output_tokens", "inf");
        writer.WriteStartObject("audio");
        writer.WriteStartObject("output");
        RealtimeSessionWriter.WriteFormat(writer, options.Output.Format);
        writer.WriteString("voice", options.Output.Voice);
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (options.Metadata.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("metadata");
            options.Metadata.WriteTo(writer);
        }

        usage?.Write(writer);
        writer.WriteEndObject();
        emit.End();
    }

    private static void WriteDetails(Utf8JsonWriter writer, ResponseEnd end)
    {
        writer.WriteStartObject("status_details");
        writer.WriteString("type", end.Status);
        if (end.Reason is not null)
            writer.WriteString("reason", end.Reason);
        if (end.Error is { } error)
        {
            writer.WriteStartObject("error");
            writer.WriteString("type", error.Type);
            if (error.Code is not null)
                writer.WriteString("code", error.Code);
            writer.WriteString("message", error.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }
}
