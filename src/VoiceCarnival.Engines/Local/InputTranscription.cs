using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>The transcription events of a committed item, when the session asked for them. What the brain cannot tell is said to be unavailable, never invented.</summary>
internal static class InputTranscription
{
    public static void Run(DialogueState state, ConversationItem item, ContentPart part)
    {
        string? transcript = state.Brain.Transcribe(item);
        part.Transcript = transcript;
        if (state.Session.Input.Transcription.ValueKind != JsonValueKind.Object)
            return;
        if (transcript is null)
        {
            Fail(state, item);
            return;
        }

        foreach (var piece in TextPieces.Of(transcript))
        {
            var delta = Begin(state, ServerEventTypes.TranscriptionDelta, item);
            delta.WriteString("delta", piece);
            state.Emit.End();
        }

        var writer = Begin(state, ServerEventTypes.TranscriptionCompleted, item);
        writer.WriteString("transcript", transcript);
        writer.WriteStartObject("usage");
        writer.WriteString("type", "duration");
        writer.WriteNumber("seconds", (part.AudioMilliseconds + 999) / 1000); // begun seconds count whole; OpenAI's .NET client cannot read a fraction
        writer.WriteEndObject();
        state.Emit.End();
    }

    private static void Fail(DialogueState state, ConversationItem item)
    {
        var writer = Begin(state, ServerEventTypes.TranscriptionFailed, item);
        writer.WriteStartObject("error");
        writer.WriteString("type", RealtimeError.ServerError);
        writer.WriteString("code", "transcription_unavailable");
        writer.WriteString("message", "The local engine has no speech recogniser, so what was said stays without a transcript.");
        writer.WriteEndObject();
        state.Emit.End();
    }

    private static Utf8JsonWriter Begin(DialogueState state, string type, ConversationItem item)
    {
        var writer = state.Emit.Begin(type);
        writer.WriteString("item_id", item.Id);
        writer.WriteNumber("content_index", 0);
        return writer;
    }
}
