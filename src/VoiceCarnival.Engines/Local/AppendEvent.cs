using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>Decodes <c>input_audio_buffer.append</c> without parsing into a document: it comes fifty times a second from every caller.</summary>
internal static class AppendEvent
{
    private const int MaxAudioBytes = 15 * 1024 * 1024;

    /// <summary>Returns what is wrong, or null with the audio in a pooled buffer that the caller disposes of.</summary>
    public static RealtimeError? TryDecode(ReadOnlySpan<byte> utf8Json, out PooledBytes audio)
    {
        audio = default;
        var reader = new Utf8JsonReader(utf8Json);
        RealtimeError? error = null;
        bool found = false;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isAudio = reader.ValueTextEquals("audio"u8);
                bool isKnown = isAudio || reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("event_id"u8);
                string? unknown = isKnown || error is not null ? null : EventFields.Shorten(reader.GetString()!);
                reader.Read();
                if (unknown is not null)
                    error = RealtimeError.Invalid(RealtimeErrorCodes.UnknownParameter, $"Unknown parameter: '{unknown}'.", unknown);
                if (isAudio && !found)
                {
                    found = true;
                    error ??= Decode(ref reader, out audio);
                }

                reader.Skip();
            }

            // Anything after the object makes the whole message invalid.
            reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent, "The message is not valid JSON. Send one JSON object per message.");
        }

        return error ?? (found ? null : RealtimeError.Invalid(RealtimeErrorCodes.MissingRequiredParameter, "Missing required parameter: 'audio'.", "audio"));
    }

    private static RealtimeError? Decode(ref Utf8JsonReader reader, out PooledBytes audio)
    {
        audio = default;
        if (reader.TokenType != JsonTokenType.String)
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidType, "Invalid type for 'audio': expected a base64 string.", "audio");
        int length = reader.ValueSpan.Length;
        if (Base64.GetMaxDecodedFromUtf8Length(length) > MaxAudioBytes + 3)
            return RealtimeError.Invalid("string_above_max_length", "Invalid 'audio': at most 15 MiB of audio in one event.", "audio");

        // Some writers escape every '/', so the text may need unescaping first; both cases end in one pooled buffer.
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 4));
        int text = reader.CopyString(buffer);
        if (Base64.DecodeFromUtf8InPlace(buffer.AsSpan(0, text), out int written) != OperationStatus.Done)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, "Invalid 'audio': expected base64-encoded audio bytes.", "audio");
        }

        audio = new PooledBytes(buffer, written);
        return null;
    }
}

/// <summary>Bytes in a pooled array, given back by disposing.</summary>
internal readonly struct PooledBytes(byte[] buffer, int length) : IDisposable
{
    public ReadOnlySpan<byte> Span => buffer is null ? default : buffer.AsSpan(0, length);

    public void Dispose()
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
