using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Finds a server event's type without parsing the rest and, for the types we know, without allocating.</summary>
public static class ServerEventPeek
{
    // The frequent ones first.
    private static readonly (byte[] Utf8, string Name)[] Names =
    [
        .. ((string[])
        [
            ServerEventTypes.OutputAudioDelta, ServerEventTypes.OutputAudioTranscriptDelta, ServerEventTypes.OutputTextDelta, ServerEventTypes.FunctionCallArgumentsDelta,
            ServerEventTypes.TranscriptionDelta, ServerEventTypes.SpeechStarted, ServerEventTypes.SpeechStopped, ServerEventTypes.BufferCommitted, ServerEventTypes.ItemAdded,
            ServerEventTypes.ItemDone, ServerEventTypes.ResponseCreated, ServerEventTypes.ResponseDone, ServerEventTypes.OutputItemAdded, ServerEventTypes.OutputItemDone,
            ServerEventTypes.ContentPartAdded, ServerEventTypes.ContentPartDone, ServerEventTypes.OutputAudioDone, ServerEventTypes.OutputAudioTranscriptDone,
            ServerEventTypes.OutputTextDone, ServerEventTypes.FunctionCallArgumentsDone, ServerEventTypes.TranscriptionCompleted, ServerEventTypes.TranscriptionFailed,
            ServerEventTypes.RateLimitsUpdated, ServerEventTypes.Error, ServerEventTypes.SessionCreated, ServerEventTypes.SessionUpdated, ServerEventTypes.ItemRetrieved,
            ServerEventTypes.ItemTruncated, ServerEventTypes.ItemDeleted, ServerEventTypes.BufferCleared, ServerEventTypes.BufferTimeoutTriggered, ServerEventTypes.OutputBufferStarted,
            ServerEventTypes.OutputBufferStopped, ServerEventTypes.OutputBufferCleared, ServerEventTypes.DtmfReceived,
        ]).Select(name => (Encoding.UTF8.GetBytes(name), name)),
    ];

    /// <summary>The top-level <c>type</c>; null when the bytes are not a JSON object that has one.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isType = reader.ValueTextEquals("type"u8);
                if (!reader.Read())
                    return null;
                if (isType)
                    return reader.TokenType == JsonTokenType.String ? Match(ref reader) : null;
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or text with half a surrogate pair.
        }

        return null;
    }

    private static string? Match(ref Utf8JsonReader reader)
    {
        foreach (var (utf8, name) in Names)
        {
            if (reader.ValueTextEquals(utf8))
                return name;
        }

        return reader.GetString();
    }
}
