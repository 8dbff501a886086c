using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Tells callers about the SIP transport.</summary>
internal sealed class SipDescription(SipServer server, SipAgents agents, HostedCalls hosted, SipTrunks trunks, IOptions<SipOptions> options, IOptions<AccessOptions> access)
    : ISipDescription, ITransportDescriptor
{
    public string Id => "sip";

    public string Name => "Phone (SIP)";

    public IReadOnlyList<string> Transports => !server.IsOpen ? [] : server.TlsPort > 0 ? ["udp", "tcp", "tls"] : ["udp", "tcp"];

    public IReadOnlyList<string> Codecs => server.IsOpen ? [.. SipServer.Codecs.Select(codec => codec.Name)] : [];

    public string Encryption => options.Value.Srtp.ToString().ToLowerInvariant() switch { "whenoffered" => "when_offered", "overtls" => "over_tls", var other => other };

    public bool CallsOut => server.IsOpen && trunks.CallsOut;

    public string Callers => options.Value.Peers.Count == 0 && options.Value.Accounts.Count == 0
        ? "this machine"
        : options.Value.Accounts.Count == 0 ? "listed peers" : options.Value.Peers.Count == 0 ? "accounts" : "listed peers and accounts";

    public TransportDescription Describe()
    {
        if (server.IsOpen)
            return TransportDescription.At(null);
        if (options.Value.Enabled == false)
            return TransportDescription.Unavailable("The operator has switched SIP off (VoiceCarnival:Sip:Enabled).");
        return options.Value.IsWanted(access.Value)
            ? TransportDescription.Unavailable("No port could be opened for SIP; the log says why.")
            : TransportDescription.Unavailable("Callers need keys here, so phones are let in only when the operator switches SIP on (VoiceCarnival:Sip:Enabled).");
    }

    public string? AddressAt(string host) => server.IsOpen ? AddressOf(FirstUser(agents.All.First()), host) : null;

    public IReadOnlyList<SipAgentAddress> AgentsAt(string host) => !server.IsOpen ? [] :
    [
        .. agents.All.Select(agent => new SipAgentAddress(agent.Name, AddressOf(FirstUser(agent), host))),
        .. options.Value.Hosted.Projects.Where(project => hosted.Takes(project)).Select(project => new SipAgentAddress(project, AddressOf(project, host))),
    ];

    private string AddressOf(string user, string host)
    {
        string address = options.Value.PublicAddress is { Length: > 0 } stated ? stated : options.Value.Address;
        if (IPAddress.TryParse(address, out var parsed) && (parsed.Equals(IPAddress.Any) || parsed.Equals(IPAddress.IPv6Any)))
            address = host;
        if (address.Contains(':', StringComparison.Ordinal) && !address.StartsWith('['))
            address = $"[{address}]";
        return string.Create(CultureInfo.InvariantCulture, $"sip:{user}@{address}:{server.Port}");
    }

    // One that can be dialled: a pattern is no address.
    private static string FirstUser(SipAgentOptions agent) => agent.Users.Find(user => !user.Contains('*', StringComparison.Ordinal) && !user.Contains('?', StringComparison.Ordinal)) ?? agent.Name;
}
