using System.Buffers;
using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>An <c>error</c> event as bytes (API reference, "error").</summary>
public static class ErrorEvent
{
    /// <summary>Writes the event with a fresh id.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="clientEventId">The <c>event_id</c> of the client's event that caused it, if any.</param>
    public static byte[] Of(RealtimeError error, string? clientEventId = null)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", ServerEventTypes.Error);
        writer.WriteString("event_id", RealtimeIds.New("event"));
        writer.WriteStartObject("error");
        writer.WriteString("type", error.Type);
        writer.WriteString("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteString("param", error.Param);
        writer.WriteString("event_id", clientEventId);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
