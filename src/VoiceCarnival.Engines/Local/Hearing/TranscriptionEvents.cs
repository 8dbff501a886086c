using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Hearing;

/// <summary>Writes the <c>conversation.item.input_audio_transcription.*</c> events.</summary>
internal static class TranscriptionEvents
{
    public static void Delta(EventEmitter emit, string itemId, ReadOnlySpan<char> text)
    {
        Begin(emit, ServerEventTypes.TranscriptionDelta, itemId).WriteString("delta", text);
        emit.End();
    }

    public static void Completed(EventEmitter emit, string itemId, string transcript, long milliseconds)
    {
        var writer = Begin(emit, ServerEventTypes.TranscriptionCompleted, itemId);
        writer.WriteString("transcript", transcript);
        writer.WriteStartObject("usage");
        writer.WriteString("type", "duration");
        writer.WriteNumber("seconds", (milliseconds + 999) / 1000); // begun seconds count whole; OpenAI's .NET client cannot read a fraction
        writer.WriteEndObject();
        emit.End();
    }

    public static void Failed(EventEmitter emit, string itemId, RealtimeError error)
    {
        var writer = Begin(emit, ServerEventTypes.TranscriptionFailed, itemId);
        writer.WriteStartObject("error");
        writer.WriteString("type", error.Type);
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteEndObject();
        emit.End();
    }

    private static Utf8JsonWriter Begin(EventEmitter emit, string type, string itemId)
    {
        var writer = emit.Begin(type);
        writer.WriteString("item_id", itemId);
        writer.WriteNumber("content_index", 0);
        return writer;
    }
}
