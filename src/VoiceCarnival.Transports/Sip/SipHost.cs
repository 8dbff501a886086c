using System.Globalization;
using System.Net;

namespace VoiceCarnival.Transports.Sip;

/// <summary>A host as settings name it: a name or an address, with a port or without.</summary>
internal readonly record struct SipHost(string Name, int? Port)
{
    /// <summary>Reads <c>sip.example.com</c>, <c>192.0.2.1:5060</c>, <c>[2001:db8::1]:5060</c> or <c>2001:db8::1</c>.</summary>
    public static bool TryParse(string text, out SipHost host)
    {
        host = default;
        string name = text;
        int? port = null;
        bool isBareAddress = IPAddress.TryParse(text, out _) && !text.StartsWith('[');
        int colon = text.LastIndexOf(':');
        if (!isBareAddress && colon > text.LastIndexOf(']'))
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0)
                return false;
            port = number;
            name = text[..colon];
        }

        name = name.Trim('[', ']');
        host = new SipHost(name, port);
        return Uri.CheckHostName(name) != UriHostNameType.Unknown;
    }

    /// <summary>An address with a port or without; null for anything else.</summary>
    public static IPEndPoint? ToEndPoint(string text, int port) =>
        TryParse(text, out var host) && IPAddress.TryParse(host.Name, out var address) ? new IPEndPoint(address, host.Port ?? port) : null;
}
