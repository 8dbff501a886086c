using System.Buffers;
using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>The lexical elements of RFC 3261, section 25.1. A fold within a value, already checked, counts as white space.</summary>
internal static class SipText
{
    public static readonly SearchValues<byte> Token = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"u8);

    /// <summary>The characters of <c>word</c>, which a Call-ID is made of.</summary>
    public static readonly SearchValues<byte> Word =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~()<>:\\\"/[]?{}@"u8);

    private static readonly SearchValues<byte> Space = SearchValues.Create(" \t\r\n"u8);

    public static bool IsToken(ReadOnlySpan<byte> text) => text.Length > 0 && !text.ContainsAnyExcept(Token);

    public static bool IsSpace(byte value) => value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    public static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
            start++;
        return text[start..];
    }

    public static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => TrimStart(TrimEnd(text));

    public static bool ContainsSpace(ReadOnlySpan<byte> text) => text.ContainsAny(Space);

    /// <summary>Takes a token off the front.</summary>
    public static bool TryTakeToken(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> token)
    {
        int end = text.IndexOfAnyExcept(Token);
        if (end < 0)
            end = text.Length;
        token = text[..end];
        text = text[end..];
        return end > 0;
    }

    /// <summary>Takes one character and the white space around it off the front.</summary>
    public static bool TryTake(scoped ref ReadOnlySpan<byte> text, char mark)
    {
        var rest = TrimStart(text);
        if (rest.Length == 0 || rest[0] != mark)
            return false;
        text = TrimStart(rest[1..]);
        return true;
    }

    /// <summary>Takes a quoted string off the front; <paramref name="quoted"/> is what is between the quotes, escapes included.</summary>
    public static bool TryTakeQuoted(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> quoted)
    {
        quoted = default;
        if (text.Length == 0 || text[0] != '"')
            return false;
        int end = QuotedLength(text);
        if (end < 0)
            return false;
        quoted = text[1..(end - 1)];
        text = text[end..];
        return true;
    }

    /// <summary>The length of the quoted string that a text begins with, quotes included; -1 when it does not end.</summary>
    public static int QuotedLength(ReadOnlySpan<byte> text)
    {
        for (int at = 1; at < text.Length; at++)
        {
            int step = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (step < 0)
                return -1;
            at += step;
            if (text[at] == '"')
                return at + 1;
            at++;
        }

        return -1;
    }

    /// <summary>A number of at most 32 bits. What is longer is refused, never cut.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> digits, out uint number)
    {
        number = 0;
        if (digits.Length == 0)
            return false;
        ulong value = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
                return false;
            value = value * 10 + (ulong)(digit - '0');
            if (value > uint.MaxValue)
                return false;
        }

        number = (uint)value;
        return true;
    }

    /// <summary>As text, with folds as single blanks (section 7.3.1). What is not UTF-8 becomes replacement characters.</summary>
    public static string Unfold(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'\r') < 0)
            return Encoding.UTF8.GetString(text);
        var copy = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not ((byte)'\r' or (byte)'\n'))
            {
                copy[length++] = text[i];
                continue;
            }

            while (length > 0 && IsSpace(copy[length - 1]))
                length--;
            while (i + 1 < text.Length && IsSpace(text[i + 1]))
                i++;
            copy[length++] = (byte)' ';
        }

        return Encoding.UTF8.GetString(copy, 0, length);
    }

    /// <summary>What a quoted string says: escapes resolved.</summary>
    public static string Unquote(ReadOnlySpan<byte> quoted)
    {
        if (quoted.IndexOf((byte)'\\') < 0)
            return Unfold(quoted);
        var copy = new byte[quoted.Length];
        int length = 0;
        for (int i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
                i++;
            copy[length++] = quoted[i];
        }

        return Unfold(copy.AsSpan(0, length));
    }

    /// <summary>A text as a quoted string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
        {
            if (char.IsControl(c))
                continue;
            if (c is '"' or '\\')
                quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Resolves <c>%xx</c> (RFC 3986, section 2.1); a percent sign without two digits stays.</summary>
    public static string Unescape(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf((byte)'%') < 0)
            return Encoding.UTF8.GetString(text);
        var copy = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length && Convert.FromHexString(Encoding.Latin1.GetString(text.Slice(i + 1, 2)), copy.AsSpan(length, 1), out _, out _) == OperationStatus.Done)
            {
                length++;
                i += 2;
            }
            else
            {
                copy[length++] = text[i];
            }
        }

        return Encoding.UTF8.GetString(copy, 0, length);
    }

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(one, other);

    /// <summary>Whether a text may stand in a header's value: no end of line and no other control character.</summary>
    public static bool IsSafe(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (char.IsControl(c) && c != '\t')
                return false;
        }

        return true;
    }
}
