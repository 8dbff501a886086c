using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>The fields of a <c>response.output_audio.delta</c> event, as they lie in its bytes.</summary>
public readonly ref struct AudioDeltaFields
{
    /// <summary><c>response_id</c></summary>
    public ReadOnlySpan<byte> ResponseId { get; private init; }

    /// <summary><c>item_id</c></summary>
    public ReadOnlySpan<byte> ItemId { get; private init; }

    /// <summary><c>output_index</c></summary>
    public int OutputIndex { get; private init; }

    /// <summary><c>content_index</c></summary>
    public int ContentIndex { get; private init; }

    /// <summary>The base64 text of <c>delta</c>.</summary>
    public ReadOnlySpan<byte> Base64 { get; private init; }

    /// <summary>Bytes of audio that the text stands for.</summary>
    public int AudioLength => (Base64.Length / 4 * 3) - (Base64.EndsWith("=="u8) ? 2 : Base64.EndsWith("="u8) ? 1 : 0);

    /// <summary>Reads the fields; false when the event is not of this shape, or its strings hold escapes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> utf8Json, out AudioDeltaFields fields)
    {
        fields = default;
        ReadOnlySpan<byte> response = default, item = default, base64 = default;
        int output = 0, content = 0;
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("delta"u8) && IsText(ref reader))
                    base64 = reader.ValueSpan;
                else if (reader.ValueTextEquals("item_id"u8) && IsText(ref reader))
                    item = reader.ValueSpan;
                else if (reader.ValueTextEquals("response_id"u8) && IsText(ref reader))
                    response = reader.ValueSpan;
                else if (reader.ValueTextEquals("output_index"u8))
                    output = Number(ref reader);
                else if (reader.ValueTextEquals("content_index"u8))
                    content = Number(ref reader);
                else
                    Skip(ref reader);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }

        fields = new AudioDeltaFields { ResponseId = response, ItemId = item, OutputIndex = output, ContentIndex = content, Base64 = base64 };
        return !item.IsEmpty && base64.Length % 4 == 0;
    }

    private static bool IsText(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? true : throw new JsonException();

    private static int Number(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) && number >= 0 ? number : throw new JsonException();

    private static void Skip(ref Utf8JsonReader reader)
    {
        if (reader.Read())
            reader.Skip();
    }
}
