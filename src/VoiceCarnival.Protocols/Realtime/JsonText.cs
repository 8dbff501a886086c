using System.Buffers;
using System.Text.Unicode;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>
/// Tells whether JSON text holds only valid Unicode. The parser takes invalid UTF-8 and escapes of half a surrogate pair as they are and throws when
/// the string is read or written much later; asking once on the way in keeps that out of everything behind.
/// </summary>
public static class JsonText
{
    /// <summary>False for invalid UTF-8 and for a <c>\uD800</c> to <c>\uDFFF</c> without its other half.</summary>
    public static bool IsUnicode(ReadOnlySpan<byte> utf8Json)
    {
        if (!Utf8.IsValid(utf8Json))
            return false;
        bool high = false;
        while (!utf8Json.IsEmpty)
        {
            int escape = utf8Json.IndexOf((byte)'\\');
            if (high && escape != 0)
                return false;
            if (escape < 0 || escape + 1 >= utf8Json.Length)
                return !high;
            utf8Json = utf8Json[escape..];
            bool isUnit = TryReadUnit(utf8Json, out int unit);
            bool isLow = isUnit && char.IsLowSurrogate((char)unit);
            if (high != isLow)
                return false;
            high = isUnit && char.IsHighSurrogate((char)unit);
            utf8Json = utf8Json[(isUnit ? 6 : 2)..];
        }

        return !high;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> escape, out int unit)
    {
        unit = 0;
        if (escape.Length < 6 || escape[1] != 'u')
            return false;
        Span<byte> value = stackalloc byte[2];
        if (Convert.FromHexString(escape.Slice(2, 4), value, out _, out _) != OperationStatus.Done)
            return false;
        unit = (value[0] << 8) | value[1];
        return true;
    }
}
