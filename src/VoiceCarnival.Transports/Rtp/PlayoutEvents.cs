using System.Buffers;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>The events that are a call's own, as OpenAI's reference has them for WebRTC and SIP.</summary>
internal static class PlayoutEvents
{
    /// <summary><c>output_audio_buffer.started</c>, <c>.stopped</c>, <c>.cleared</c></summary>
    public static (string Type, byte[] Json) Of(in PlayoutNotice notice)
    {
        string type = notice.Kind switch
        {
            PlayoutNoticeKind.Started => ServerEventTypes.OutputBufferStarted,
            PlayoutNoticeKind.Stopped => ServerEventTypes.OutputBufferStopped,
            _ => ServerEventTypes.OutputBufferCleared,
        };
        var buffer = new ArrayBufferWriter<byte>(128);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("event_id", RealtimeIds.New("event"));
        writer.WriteString("response_id", notice.ResponseId);
        writer.WriteEndObject();
        writer.Flush();
        return (type, buffer.WrittenSpan.ToArray());
    }

    /// <summary><c>input_audio_buffer.dtmf_event_received</c>, the one event without an id.</summary>
    public static byte[] Digit(char digit, DateTimeOffset receivedAt)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type", ServerEventTypes.DtmfReceived);
        writer.WriteString("event", [digit]);
        writer.WriteNumber("received_at", receivedAt.ToUnixTimeSeconds());
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
