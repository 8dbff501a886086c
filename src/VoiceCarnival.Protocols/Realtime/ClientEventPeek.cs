using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Finds an event's type without parsing the rest and without allocating: appends carry up to 15 MiB of base64.</summary>
public static class ClientEventPeek
{
    private static readonly (byte[] Name, ClientEventKind Kind)[] Names =
    [
        Entry(ClientEventTypes.BufferAppend, ClientEventKind.BufferAppend),
        Entry(ClientEventTypes.SessionUpdate, ClientEventKind.SessionUpdate),
        Entry(ClientEventTypes.BufferCommit, ClientEventKind.BufferCommit),
        Entry(ClientEventTypes.BufferClear, ClientEventKind.BufferClear),
        Entry(ClientEventTypes.OutputBufferClear, ClientEventKind.OutputBufferClear),
        Entry(ClientEventTypes.ItemCreate, ClientEventKind.ItemCreate),
        Entry(ClientEventTypes.ItemRetrieve, ClientEventKind.ItemRetrieve),
        Entry(ClientEventTypes.ItemTruncate, ClientEventKind.ItemTruncate),
        Entry(ClientEventTypes.ItemDelete, ClientEventKind.ItemDelete),
        Entry(ClientEventTypes.ResponseCreate, ClientEventKind.ResponseCreate),
        Entry(ClientEventTypes.ResponseCancel, ClientEventKind.ResponseCancel),
        Entry(ClientEventTypes.Ping, ClientEventKind.Ping),
        Entry(ClientEventTypes.Playout, ClientEventKind.Playout),
        Entry(ClientEventTypes.HangUp, ClientEventKind.HangUp),
    ];

    /// <summary>Reads as far as the top-level <c>type</c>; what follows it is not looked at.</summary>
    public static ClientEventKind KindOf(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return ClientEventKind.Malformed;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isType = reader.ValueTextEquals("type"u8);
                if (!reader.Read())
                    return ClientEventKind.Malformed;
                if (isType)
                    return reader.TokenType == JsonTokenType.String ? Match(ref reader) : ClientEventKind.Malformed;
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader has no non-throwing mode; the exception ends here. The second kind is an escape of half a surrogate pair.
        }

        return ClientEventKind.Malformed;
    }

    private static ClientEventKind Match(ref Utf8JsonReader reader)
    {
        foreach (var (name, kind) in Names)
        {
            if (reader.ValueTextEquals(name))
                return kind;
        }

        return ClientEventKind.Unknown;
    }

    private static (byte[] Name, ClientEventKind Kind) Entry(string name, ClientEventKind kind) => (System.Text.Encoding.UTF8.GetBytes(name), kind);
}
