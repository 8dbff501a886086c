using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>
/// Writes the effective session object, all defaults filled. Fields that OpenAI's schema does not allow to be null are left out when they are off.
/// </summary>
public static class RealtimeSessionWriter
{
    /// <summary>Writes the object as the writer's next value.</summary>
    public static void Write(Utf8JsonWriter writer, RealtimeSession session)
    {
        writer.WriteStartObject();
        writer.WriteString("type", session.Type);
        writer.WriteString("object", session.IsTranscription ? "realtime.transcription_session" : "realtime.session");
        writer.WriteString("id", session.Id);
        writer.WriteNumber("expires_at", session.ExpiresAt);
        if (!session.IsTranscription)
            WriteConversationFields(writer, session);
        writer.WriteStartObject("audio");
        WriteInput(writer, session);
        if (!session.IsTranscription)
        {
            writer.WritePropertyName("output");
            WriteOutput(writer, session.Output);
        }

        writer.WriteEndObject();
        if (session.Include.Count > 0)
        {
            writer.WriteStartArray("include");
            foreach (string include in session.Include)
                writer.WriteStringValue(include);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes <c>{"type":…}</c>, with the rate for PCM.</summary>
    public static void WriteFormat(Utf8JsonWriter writer, string format)
    {
        writer.WriteStartObject("format");
        writer.WriteString("type", format);
        if (format == "audio/pcm")
            writer.WriteNumber("rate", 24_000);
        writer.WriteEndObject();
    }

    private static void WriteConversationFields(Utf8JsonWriter writer, RealtimeSession session)
    {
        writer.WriteString("model", session.Model);
        writer.WriteStartArray("output_modalities");
        writer.WriteStringValue(session.OutputModality);
        writer.WriteEndArray();
        writer.WriteString("instructions", session.Instructions);
        writer.WriteStartArray("tools");
        foreach (var tool in session.Tools)
            WriteSet(writer, tool);
        writer.WriteEndArray();
        WriteOr(writer, "tool_choice", session.ToolChoice, "auto");
        if (session.ParallelToolCalls is { } parallel)
            writer.WriteBoolean("parallel_tool_calls", parallel);
        if (session.MaxOutputTokens is { } max)
            writer.WriteNumber("max_output_tokens", max);
        else
            writer.WriteString("max_output_tokens", "inf");
        if (session.ReasoningEffort is { } effort)
        {
            writer.WriteStartObject("reasoning");
            writer.WriteString("effort", effort);
            writer.WriteEndObject();
        }

        WriteOr(writer, "truncation", session.Truncation, "auto");
        if (session.Prompt.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("prompt");
            session.Prompt.WriteTo(writer);
        }

        WriteOr(writer, "tracing", session.Tracing, null);
    }

    private static void WriteInput(Utf8JsonWriter writer, RealtimeSession session)
    {
        var input = session.Input;
        writer.WriteStartObject("input");
        WriteFormat(writer, input.Format);
        if (input.Transcription.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("transcription");
            WriteSet(writer, input.Transcription);
        }

        if (input.NoiseReduction.ValueKind == JsonValueKind.Object)
        {
            writer.WritePropertyName("noise_reduction");
            WriteSet(writer, input.NoiseReduction);
        }

        if (input.TurnDetection is { } detection)
            WriteTurnDetection(writer, detection, hasResponses: !session.IsTranscription);
        else
            writer.WriteNull("turn_detection");
        writer.WriteEndObject();
    }

    private static void WriteTurnDetection(Utf8JsonWriter writer, TurnDetectionSettings detection, bool hasResponses)
    {
        writer.WriteStartObject("turn_detection");
        writer.WriteString("type", detection.Type);
        if (detection.IsSemantic)
        {
            writer.WriteString("eagerness", detection.Eagerness);
        }
        else
        {
            writer.WriteNumber("threshold", detection.Threshold);
            writer.WriteNumber("prefix_padding_ms", detection.PrefixPaddingMs);
            writer.WriteNumber("silence_duration_ms", detection.SilenceDurationMs);
            if (hasResponses && detection.IdleTimeoutMs is { } idle)
                writer.WriteNumber("idle_timeout_ms", idle);
            else if (hasResponses)
                writer.WriteNull("idle_timeout_ms");
        }

        if (hasResponses)
        {
            writer.WriteBoolean("create_response", detection.CreateResponse);
            writer.WriteBoolean("interrupt_response", detection.InterruptResponse);
        }

        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, AudioOutputSettings output)
    {
        writer.WriteStartObject();
        WriteFormat(writer, output.Format);
        // A custom voice comes back as its id: the schema of server events knows strings only, and so do the SDKs.
        writer.WriteString("voice", output.Voice);
        writer.WriteNumber("speed", output.Speed);
        writer.WriteEndObject();
    }

    // What the caller wrote, without the fields that it set to null: they are off, and off is absent here.
    private static void WriteSet(Utf8JsonWriter writer, JsonElement value)
    {
        writer.WriteStartObject();
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null)
                property.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static void WriteOr(Utf8JsonWriter writer, string name, JsonElement value, string? otherwise)
    {
        writer.WritePropertyName(name);
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            writer.WriteStringValue(otherwise);
        else
            value.WriteTo(writer);
    }
}
