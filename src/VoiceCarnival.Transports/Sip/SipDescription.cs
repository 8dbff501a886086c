using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Tells callers about the SIP transport.</summary>
internal sealed class SipDescription(SipServer server, IOptions<SipOptions> options) : ISipDescription, ITransportDescriptor
{
    public string Id => "sip";

    public string Name => "Phone (SIP)";

    public IReadOnlyList<string> Transports => !server.IsOpen ? [] : server.TlsPort > 0 ? ["udp", "tcp", "tls"] : ["udp", "tcp"];

    public IReadOnlyList<string> Codecs => server.IsOpen ? [.. SipServer.Codecs.Select(codec => codec.Name)] : [];

    public TransportDescription Describe() => server.IsOpen
        ? TransportDescription.At(null)
        : TransportDescription.Unavailable("The operator has not switched SIP on (VoiceCarnival:Sip:Enabled).");

    public string? AddressAt(string host)
    {
        if (!server.IsOpen)
            return null;
        string address = options.Value.PublicAddress is { Length: > 0 } stated ? stated : options.Value.Address;
        if (IPAddress.TryParse(address, out var parsed) && (parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any)))
            address = host;
        if (address.Contains(':', StringComparison.Ordinal) && !address.StartsWith('['))
            address = $"[{address}]";
        return string.Create(CultureInfo.InvariantCulture, $"sip:agent@{address}:{server.Port}");
    }
}
