using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>
/// The value of <c>a=crypto</c>: a master key in SDP (RFC 4568). Only one key, and no session parameters but those that change nothing for us; an attribute that asks for more is refused, and the caller takes the next one. Holds a secret: dispose <see cref="Key"/>.
/// </summary>
/// <param name="Tag">Which of the offered ones an answer takes.</param>
/// <param name="Key">The key of whoever wrote the attribute.</param>
/// <example><c>1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20</c></example>
public sealed record SdesCrypto(int Tag, SrtpMasterKey Key)
{
    private const int MaxTagDigits = 9;
    private const int MaxMkiLength = 128;
    private const string Inline = "inline:";

    /// <summary>Bytes by which each packet under this key names it (MKI); 0 when it does not.</summary>
    public int MkiLength { get; init; }

    /// <summary>Reads the attribute's value.</summary>
    /// <returns>False when it is malformed or asks for what we do not do.</returns>
    public static bool TryParse(ReadOnlySpan<char> value, [NotNullWhen(true)] out SdesCrypto? crypto)
    {
        crypto = null;
        Span<Range> words = stackalloc Range[8];
        int count = value.Split(words, ' ', StringSplitOptions.RemoveEmptyEntries);
        if (count < 3 || count == words.Length)
            return false;
        var tag = value[words[0]];
        if (tag.Length > MaxTagDigits || !int.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return false;
        if (SrtpProfiles.Find(value[words[1]]) is not { } profile || TryReadKey(value[words[2]], profile, out int mkiLength) is not { } key)
            return false;
        for (int i = 3; i < count; i++)
        {
            // Section 6.3: what begins with a minus sign may be ignored; the window hint asks for no more than we have.
            var parameter = value[words[i]];
            if (!parameter.StartsWith("-") && !parameter.StartsWith("WSH=", StringComparison.Ordinal))
            {
                key.Dispose();
                return false;
            }
        }

        crypto = new SdesCrypto(number, key) { MkiLength = mkiLength };
        return true;
    }

    /// <summary>The attribute's value, key included: for SDP only.</summary>
    public string Format()
    {
        Span<byte> bytes = stackalloc byte[Key.Key.Length + Key.Salt.Length];
        Key.Key.CopyTo(bytes);
        Key.Salt.CopyTo(bytes[Key.Key.Length..]);
        string text = string.Create(CultureInfo.InvariantCulture, $"{Tag} {Key.Profile.Name()} {Inline}{Convert.ToBase64String(bytes)}");
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    /// <summary>Without the key.</summary>
    public override string ToString() => $"{Tag} {Key.Profile.Name()}";

    /// <summary>Section 6.1: <c>inline:</c> key and salt in base64, then perhaps <c>|lifetime</c> and <c>|MKI:length</c>.</summary>
    private static SrtpMasterKey? TryReadKey(ReadOnlySpan<char> text, SrtpProfile profile, out int mkiLength)
    {
        mkiLength = 0;
        if (!text.StartsWith(Inline, StringComparison.OrdinalIgnoreCase) || text.Contains(';'))
            return null;
        text = text[Inline.Length..];
        int bar = text.IndexOf('|');
        if (bar >= 0)
        {
            var rest = text[(bar + 1)..];
            text = text[..bar];
            bar = rest.IndexOf('|');
            bool hasMki = bar >= 0 || rest.Contains(':');
            if (hasMki && !TryReadMki(rest[(bar + 1)..], out mkiLength))
                return null;
            if ((bar >= 0 || !hasMki) && !IsLifetime(bar >= 0 ? rest[..bar] : rest))
                return null;
        }

        int length = SrtpProfiles.KeyLength + profile.SaltLength();
        Span<byte> bytes = stackalloc byte[length + 3];
        if (text.Length > Base64.GetMaxEncodedToUtf8Length(length) || !Convert.TryFromBase64Chars(text, bytes, out int written) || written != length)
            return null;
        var key = new SrtpMasterKey(profile, bytes[..SrtpProfiles.KeyLength], bytes[SrtpProfiles.KeyLength..length]);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    // With one key its number says nothing; how long it is, does.
    private static bool TryReadMki(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        int colon = text.IndexOf(':');
        return colon > 0 && !text[..colon].ContainsAnyExceptInRange('0', '9')
            && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) && length is > 0 and <= MaxMkiLength;
    }

    private static bool IsLifetime(ReadOnlySpan<char> text)
    {
        if (text.StartsWith("2^"))
            text = text[2..];
        return text.Length is > 0 and <= 15 && !text.ContainsAnyExceptInRange('0', '9');
    }
}
