using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>An event under another name: its bytes as they are, with only the value of the top-level <c>type</c> exchanged. Base64 is neither parsed nor copied twice.</summary>
public readonly ref struct RenamedEvent
{
    private readonly ReadOnlySpan<byte> _before;
    private readonly ReadOnlySpan<byte> _name;
    private readonly ReadOnlySpan<byte> _after;

    private RenamedEvent(ReadOnlySpan<byte> before, ReadOnlySpan<byte> name, ReadOnlySpan<byte> after)
    {
        _before = before;
        _name = name;
        _after = after;
    }

    /// <summary>Exact number of bytes.</summary>
    public int Length => _before.Length + _name.Length + _after.Length;

    /// <summary>Fills <paramref name="destination"/>, which has exactly <see cref="Length"/> bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        _before.CopyTo(destination);
        _name.CopyTo(destination[_before.Length..]);
        _after.CopyTo(destination[(_before.Length + _name.Length)..]);
    }

    /// <summary>False when the bytes are not an object with a string <c>type</c>.</summary>
    /// <param name="utf8Json">The event.</param>
    /// <param name="name">Its new type, as it stands between the quotes.</param>
    /// <param name="renamed">The event under that name.</param>
    public static bool TryCreate(ReadOnlySpan<byte> utf8Json, ReadOnlySpan<byte> name, out RenamedEvent renamed)
    {
        renamed = default;
        if (!TryFindType(utf8Json, out int start, out int length))
            return false;
        renamed = new RenamedEvent(utf8Json[..start], name, utf8Json[(start + length)..]);
        return true;
    }

    /// <summary>Where the value of the first top-level <c>type</c> stands, without its quotes.</summary>
    internal static bool TryFindType(ReadOnlySpan<byte> utf8Json, out int start, out int length)
    {
        start = length = 0;
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isType = reader.ValueTextEquals("type"u8);
                if (!reader.Read())
                    return false;
                if (isType)
                {
                    start = (int)reader.TokenStartIndex + 1;
                    length = reader.ValueSpan.Length;
                    return reader.TokenType == JsonTokenType.String;
                }

                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or text with half a surrogate pair.
        }

        return false;
    }
}
