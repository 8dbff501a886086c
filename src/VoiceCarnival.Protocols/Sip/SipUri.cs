using System.Buffers;
using System.Net;
using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>
/// A SIP or SIPS URI (RFC 3261, section 19.1), a phone number as URI (RFC 3966), or one of another scheme, of which only the scheme is read. A view of the
/// bytes it was read from.
/// </summary>
/// <example><c>sip:alice:secret@example.com:5060;transport=tcp;lr?subject=x</c>, <c>sips:[2001:db8::1]</c>, <c>tel:+49-30-123;phone-context=example.com</c></example>
public readonly ref struct SipUri
{
    private static readonly SearchValues<byte> Scheming = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."u8);

    // Everything a URI is made of (RFC 3986, section 2), less the angle brackets and quotes that delimit it.
    private static readonly SearchValues<byte> Legal =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()%;/?:@&=+$,[]#^|{}\\`"u8);

    private static readonly SearchValues<byte> HostNaming = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._"u8);
    private static readonly SearchValues<byte> Dialled = SearchValues.Create("0123456789+*#-.()ABCDEFabcdefPpWwXxNn"u8);

    private SipUri(ReadOnlySpan<byte> text, SipUriScheme scheme)
    {
        Text = text;
        Scheme = scheme;
    }

    /// <summary>The whole of it.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Its kind.</summary>
    public SipUriScheme Scheme { get; }

    /// <summary>The user, or the number of a <c>tel:</c> URI, escapes included; without password. Empty when there is none.</summary>
    public ReadOnlySpan<byte> User { get; private init; }

    /// <summary>The host: a name, an IPv4 address, or an IPv6 address in brackets. Empty in other URIs than SIP's.</summary>
    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>The port; null when none is given.</summary>
    public int? Port { get; private init; }

    /// <summary>Its parameters.</summary>
    public SipParameters Parameters { get; private init; }

    /// <summary>What follows the question mark: headers for a request that the URI is put in.</summary>
    public ReadOnlySpan<byte> Headers { get; private init; }

    /// <summary>The URI without <see cref="Headers"/>, as a request may go to it (section 19.1.5).</summary>
    public ReadOnlySpan<byte> WithoutHeaders => Headers.Length == 0 ? Text : Text[..^(Headers.Length + 1)];

    /// <summary>A SIP or SIPS URI.</summary>
    public bool IsSip => Scheme is SipUriScheme.Sip or SipUriScheme.Sips;

    /// <summary>The host as text, an IPv6 address without its brackets.</summary>
    public string HostText => Encoding.ASCII.GetString(Host is [(byte)'[', .., (byte)']'] ? Host[1..^1] : Host);

    /// <summary>The user as text, escapes resolved.</summary>
    public string UserText => SipText.Unescape(User);

    /// <summary>Reads a URI that fills the text.</summary>
    /// <returns>False when it is malformed: also when there is white space in it or around it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out SipUri uri)
    {
        uri = default;
        int colon = text.IndexOf((byte)':');
        if (colon <= 0 || text.Length > SipLimits.MaxUri || text.ContainsAnyExcept(Legal))
            return false;
        var scheme = text[..colon];
        if (scheme.ContainsAnyExcept(Scheming) || !char.IsAsciiLetter((char)scheme[0]))
            return false;
        var rest = text[(colon + 1)..];
        if (SipText.EqualsIgnoreCase(scheme, "sip"u8))
            return TryParseSip(text, rest, SipUriScheme.Sip, out uri);
        if (SipText.EqualsIgnoreCase(scheme, "sips"u8))
            return TryParseSip(text, rest, SipUriScheme.Sips, out uri);
        if (SipText.EqualsIgnoreCase(scheme, "tel"u8))
            return TryParseTel(text, rest, out uri);
        uri = new SipUri(text, SipUriScheme.Other);
        return rest.Length > 0;
    }

    /// <summary>Reads <c>host[:port]</c>; white space may stand around the colon, as in Via.</summary>
    internal static bool TryTakeHostPort(scoped ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> host, out int? port)
    {
        port = null;
        int end;
        if (text.Length > 0 && text[0] == '[')
        {
            end = text.IndexOf((byte)']') + 1;
            host = text[..end];
            if (end == 0 || end > 50 || !IPAddress.TryParse(Encoding.Latin1.GetString(host[1..^1]), out var address) || address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
                return false;
        }
        else
        {
            end = text.IndexOfAnyExcept(HostNaming);
            if (end < 0)
                end = text.Length;
            host = text[..end];
            if (end is 0 or > 255)
                return false;
        }

        text = text[end..];
        if (!SipText.TryTake(ref text, ':'))
            return true;
        end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (end < 0)
            end = text.Length;
        if (!SipText.TryReadNumber(text[..end], out uint number) || number is 0 or > ushort.MaxValue)
            return false;
        port = (int)number;
        text = text[end..];
        return true;
    }

    private static bool TryParseSip(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rest, SipUriScheme scheme, out SipUri uri)
    {
        uri = default;
        int at = rest.IndexOf((byte)'@');
        ReadOnlySpan<byte> user = default;
        if (at >= 0)
        {
            // Neither user nor password has an at sign of its own; everything else they may have (RFC 4475, section 3.1.1.2).
            user = rest[..at];
            int password = user.IndexOf((byte)':');
            if (password >= 0)
                user = user[..password];
            if (user.Length == 0)
                return false;
            rest = rest[(at + 1)..];
        }

        if (rest.ContainsAny((byte)'@', (byte)'`') || !TryTakeHostPort(ref rest, out var host, out int? port))
            return false;
        int question = rest.IndexOf((byte)'?');
        var headers = question < 0 ? default : rest[(question + 1)..];
        var parameters = new SipParameters(question < 0 ? rest : rest[..question]);
        if (!parameters.IsWellFormed())
            return false;
        uri = new SipUri(text, scheme) { User = user, Host = host, Port = port, Parameters = parameters, Headers = headers };
        return true;
    }

    private static bool TryParseTel(ReadOnlySpan<byte> text, ReadOnlySpan<byte> rest, out SipUri uri)
    {
        uri = default;
        int end = rest.IndexOf((byte)';');
        var number = end < 0 ? rest : rest[..end];
        var parameters = new SipParameters(end < 0 ? default : rest[end..]);
        if (number.Length == 0 || number.ContainsAnyExcept(Dialled) || !parameters.IsWellFormed())
            return false;
        uri = new SipUri(text, SipUriScheme.Tel) { User = number, Parameters = parameters };
        return true;
    }
}
