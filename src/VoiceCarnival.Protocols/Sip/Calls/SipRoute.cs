using System.Globalization;
using System.Text;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Ways to peers, and what we write of ours.</summary>
internal static class SipRoute
{
    private const int LongestUser = 1024;

    /// <summary>Our hop (RFC 3261, section 18.1.1; rport by RFC 3581).</summary>
    public static string Via(SipPath path, string branch) =>
        string.Create(CultureInfo.InvariantCulture, $"SIP/2.0/{path.Transport.ViaName()} {path.LocalHost}:{path.Local.Port};rport;branch={branch}");

    /// <summary>Where peers reach us. Any user does within a call, so one that is empty, or longer than an address may be, gives way.</summary>
    public static string Contact(SipPath path, string user)
    {
        user = Escape(user) is { Length: > 0 and <= LongestUser } escaped ? escaped : "agent";
        string parameter = path.Transport == SipTransport.Udp ? "" : $";transport={path.Transport.UriName()}";
        return string.Create(CultureInfo.InvariantCulture, $"<sip:{user}@{path.LocalHost}:{path.Local.Port}{parameter}>");
    }

    /// <summary>Where a URI leads (RFC 3263, section 4, without the look into DNS for services): its transport, or the one at hand.</summary>
    /// <returns>Null when it is no SIP URI.</returns>
    public static SipTarget? TargetOf(SipUri uri, SipTransport atHand)
    {
        if (!uri.IsSip)
            return null;
        var transport = atHand;
        if (uri.Scheme == SipUriScheme.Sips)
            transport = SipTransport.Tls;
        else if (uri.Parameters.TryGet("transport"u8, out var named) && SipTransports.Find(named) is { } stated)
            transport = stated;
        string host = uri.Parameters.TryGet("maddr"u8, out var address) ? Encoding.ASCII.GetString(address).Trim('[', ']') : uri.HostText;
        return new SipTarget(transport, host, uri.Port ?? transport.DefaultPort());
    }

    /// <summary>The user or number of a URI; empty when there is none.</summary>
    public static string UserOf(ReadOnlySpan<byte> uri) => SipUri.TryParse(uri, out var parsed) ? parsed.UserText : "";

    /// <summary>A user part as it may stand in a URI.</summary>
    public static string Escape(string user)
    {
        var text = new StringBuilder(user.Length);
        foreach (byte value in Encoding.UTF8.GetBytes(user))
        {
            char c = (char)value;
            if (char.IsAsciiLetterOrDigit(c) || "-_.!~*'()&=+$,;?/".Contains(c, StringComparison.Ordinal))
                text.Append(c);
            else
                text.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
