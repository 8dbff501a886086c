using System.Buffers;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>The events that are ours and not OpenAI's: round-trip pings, playout reports, coming back after a broken line.</summary>
internal sealed class SessionExtensions(VoiceSession session)
{
    private Func<string>? _issueToken;
    private Action? _spendFormerTokens;
    private TimeSpan _grace;
    private volatile bool _isTokenNew;

    public void OfferResumption(Func<string> issueToken, Action spendFormer, TimeSpan grace)
    {
        _issueToken = issueToken;
        _spendFormerTokens = spendFormer;
        _grace = grace;
    }

    /// <summary>Something came from the caller: what was sent before it was on a line that works.</summary>
    public void CallerWasHeard()
    {
        if (!_isTokenNew)
            return;
        _isTokenNew = false;
        _spendFormerTokens?.Invoke();
    }

    public void OnSessionCreated(VoiceConnection? connection) => WriteResumeToken(connection);

    public void WriteResumed(VoiceConnection connection, long droppedAudioMilliseconds)
    {
        if (!connection.UnderstandsExtensions)
            return;
        Write(connection, ServerEventTypes.Resumed, w =>
        {
            w.WriteString("session_id", session.Id);
            w.WriteNumber("dropped_audio_ms", droppedAudioMilliseconds);
        });
        WriteResumeToken(connection);
    }

    public static void WriteLatency(VoiceConnection connection, TurnLatency latency) => Write(connection, ServerEventTypes.TurnLatency, w =>
    {
        w.WriteString("response_id", latency.ResponseId);
        if (latency.Silence is { } silence)
            w.WriteNumber("silence_ms", Milliseconds(silence));
        w.WriteNumber("recognition_ms", Milliseconds(latency.Recognition));
        w.WriteNumber("thinking_ms", Milliseconds(latency.Thinking));
        w.WriteNumber("speaking_ms", Milliseconds(latency.Speaking));
        w.WriteNumber("sending_ms", Milliseconds(latency.Sending));
    });

    public void Receive(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json)
    {
        using var document = Parse(utf8Json);
        if (document is null)
            return;
        try
        {
            Receive(kind, document.RootElement);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // Escaped half surrogates are JSON but not text; such an event is dropped.
        }
    }

    /// <summary>The answer to a ping; null for one that cannot be read.</summary>
    public static byte[]? PongTo(ReadOnlyMemory<byte> utf8Json)
    {
        using var document = Parse(utf8Json);
        return document is null ? null : Pong(document.RootElement);
    }

    /// <summary>An <c>error</c> event (API reference, "error").</summary>
    public static byte[] ErrorEvent(RealtimeError error, string? clientEventId) => Protocols.Realtime.ErrorEvent.Of(error, clientEventId);

    /// <summary>A <c>conversation.item.truncate</c> of ours, for the engine.</summary>
    public static byte[] TruncateEvent(OutputAudioItem item, int heardMilliseconds)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var writer = new Utf8JsonWriter(buffer);
        Begin(writer, ClientEventTypes.ItemTruncate);
        writer.WriteString("item_id", item.ItemId);
        writer.WriteNumber("content_index", item.ContentIndex);
        writer.WriteNumber("audio_end_ms", heardMilliseconds);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Finds <c>error.code</c> for the metrics; null when there is none.</summary>
    public static string? ErrorCode(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && reader.ValueTextEquals("code"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
        }
        catch (JsonException)
        {
            // An engine's event that is not JSON has no code.
        }

        return null;
    }

    private void Receive(ClientEventKind kind, JsonElement root)
    {
        if (kind == ClientEventKind.Ping)
        {
            session.SendToCaller(ServerEventTypes.Pong, Pong(root));
            return;
        }

        if (root.TryGetProperty("item_id", out var item) && item.ValueKind == JsonValueKind.String
            && root.TryGetProperty("audio_played_ms", out var played) && played.ValueKind == JsonValueKind.Number && played.TryGetDouble(out double ms))
        {
            int contentIndex = root.TryGetProperty("content_index", out var index) && index.ValueKind == JsonValueKind.Number
                && index.TryGetInt32(out int i) ? i : 0;
            session.Playout.Report(item.GetString()!, contentIndex, ms);
        }
    }

    private static byte[] Pong(JsonElement root)
    {
        var buffer = new ArrayBufferWriter<byte>(96);
        using var writer = new Utf8JsonWriter(buffer);
        Begin(writer, ServerEventTypes.Pong);
        if (root.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number && id.GetRawText().Length <= 64)
        {
            writer.WritePropertyName("id");
            id.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteResumeToken(VoiceConnection? connection)
    {
        if (_issueToken is null || connection is not { UnderstandsExtensions: true })
            return;
        Write(connection, ServerEventTypes.ResumeToken, w =>
        {
            w.WriteString("token", _issueToken());
            w.WriteNumber("grace_ms", (long)_grace.TotalMilliseconds);
        });
        _isTokenNew = true;
    }

    private static void Write(VoiceConnection connection, string type, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var writer = new Utf8JsonWriter(buffer);
        Begin(writer, type);
        fields(writer);
        writer.WriteEndObject();
        writer.Flush();
        connection.WriteEvent(type, buffer.WrittenSpan);
    }

    private static void Begin(Utf8JsonWriter writer, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type", type);
        writer.WriteString("event_id", RealtimeIds.New("event"));
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    private static JsonDocument? Parse(ReadOnlyMemory<byte> utf8Json)
    {
        try
        {
            return JsonDocument.Parse(utf8Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
