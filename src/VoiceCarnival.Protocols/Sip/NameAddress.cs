using System.Buffers;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// An address with a name and parameters, as in From, To, Contact, Route (RFC 3261, section 20.10): <c>"Name" &lt;uri&gt;;parameter</c>, or a bare URI, of
/// which what follows a semicolon belongs to the header. A view of the bytes it was read from.
/// </summary>
public readonly ref struct NameAddress
{
    // Tokens and blanks by the RFC. Names in other scripts, in brackets or with an at sign come without quotes from real phones; commas and semicolons delimit.
    private static readonly SearchValues<byte> Naming = SearchValues.Create(
        [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~ \t\r\n()[]@/&#$?^|{}="u8, .. Enumerable.Range(128, 128).Select(i => (byte)i)]);

    private static readonly SearchValues<byte> Ending = SearchValues.Create(";,? \t\r\n"u8);

    private NameAddress(SipUri uri, ReadOnlySpan<byte> name, bool isQuoted, SipParameters parameters)
    {
        Uri = uri;
        Name = name;
        IsNameQuoted = isQuoted;
        Parameters = parameters;
    }

    /// <summary>The address.</summary>
    public SipUri Uri { get; }

    /// <summary>The name as it stands there, without quotes.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The name was in quotes.</summary>
    public bool IsNameQuoted { get; }

    /// <summary>The parameters of the header, not of the URI.</summary>
    public SipParameters Parameters { get; }

    /// <summary>The name as text; null when there is none.</summary>
    public string? NameText => Name.Length == 0 ? null : IsNameQuoted ? SipText.Unquote(Name) : SipText.Unfold(Name);

    /// <summary>The tag; empty when there is none.</summary>
    public ReadOnlySpan<byte> Tag => Parameters.TryGet("tag"u8, out var tag) ? tag : default;

    /// <summary>Reads one that fills the text.</summary>
    /// <returns>False when it is malformed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out NameAddress address)
    {
        address = default;
        var rest = SipText.Trim(text);
        if (SipText.TryTakeQuoted(ref rest, out var name))
        {
            rest = SipText.TrimStart(rest);
            return rest.Length > 0 && rest[0] == '<' && TryParseBracketed(rest, name, isQuoted: true, out address);
        }

        int open = rest.IndexOf((byte)'<');
        if (open >= 0 && !rest[..open].ContainsAnyExcept(Naming))
            return TryParseBracketed(rest[open..], SipText.TrimEnd(rest[..open]), isQuoted: false, out address);

        // A comma, semicolon or question mark in a bare URI would be the header's, not the URI's (section 20.10).
        int end = rest.IndexOfAny(Ending);
        var uri = end < 0 ? rest : rest[..end];
        var parameters = new SipParameters(end < 0 ? default : rest[end..]);
        if (!SipUri.TryParse(uri, out var parsed) || !parameters.IsWellFormed())
            return false;
        address = new NameAddress(parsed, default, isQuoted: false, parameters);
        return true;
    }

    private static bool TryParseBracketed(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> name, bool isQuoted, out NameAddress address)
    {
        address = default;
        int close = rest.IndexOf((byte)'>');
        if (close < 0 || !SipUri.TryParse(rest[1..close], out var uri))
            return false;
        var parameters = new SipParameters(rest[(close + 1)..]);
        if (!parameters.IsWellFormed())
            return false;
        address = new NameAddress(uri, name, isQuoted, parameters);
        return true;
    }
}
