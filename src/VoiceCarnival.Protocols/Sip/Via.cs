using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>One hop that a request took (RFC 3261, section 20.42). A view of the bytes it was read from.</summary>
/// <example><c>SIP/2.0/UDP pc33.example.com:5066;branch=z9hG4bK776asdhds;rport</c></example>
public readonly ref struct Via
{
    private Via(ReadOnlySpan<byte> transport, ReadOnlySpan<byte> host, int? port, SipParameters parameters)
    {
        Transport = transport;
        Host = host;
        Port = port;
        Parameters = parameters;
    }

    /// <summary>UDP, TCP, TLS and so on.</summary>
    public ReadOnlySpan<byte> Transport { get; }

    /// <summary>The sender's name or address; IPv6 in brackets.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>Its port; null when none is given.</summary>
    public int? Port { get; }

    /// <summary>Its parameters.</summary>
    public SipParameters Parameters { get; }

    /// <summary>Names the transaction; empty when there is none.</summary>
    public ReadOnlySpan<byte> Branch => Parameters.TryGet("branch"u8, out var branch) ? branch : default;

    /// <summary>The branch is unique by RFC 3261: it begins with the magic cookie, and something follows it.</summary>
    public bool HasMagicBranch => Branch.Length > 7 && SipText.EqualsIgnoreCase(Branch[..7], "z9hG4bK"u8);

    /// <summary>Who sent it, as it is compared: host in lower case and port.</summary>
    public string SentBy => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Encoding.ASCII.GetString(Host).ToLowerInvariant()}:{Port ?? DefaultPort}");

    private int DefaultPort => SipText.EqualsIgnoreCase(Transport, "TLS"u8) ? 5061 : 5060;

    /// <summary>Reads one value that fills the text.</summary>
    /// <returns>False when it is malformed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out Via via)
    {
        via = default;
        var rest = SipText.Trim(text);
        if (!SipText.TryTakeToken(ref rest, out var protocol) || !SipText.EqualsIgnoreCase(protocol, "SIP"u8) || !SipText.TryTake(ref rest, '/')
            || !SipText.TryTakeToken(ref rest, out _) || !SipText.TryTake(ref rest, '/')
            || !SipText.TryTakeToken(ref rest, out var transport))
            return false;
        var sentBy = SipText.TrimStart(rest);
        if (sentBy.Length == rest.Length || !SipUri.TryTakeHostPort(ref sentBy, out var host, out int? port))
            return false;
        var parameters = new SipParameters(sentBy);
        if (!parameters.IsWellFormed())
            return false;
        via = new Via(transport, host, port, parameters);
        return true;
    }
}
