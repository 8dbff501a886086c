using System.Net;
using System.Net.Sockets;
using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Transports.Sip;

/// <summary>A trunk with what is known of it now.</summary>
internal sealed class SipTrunk(SipTrunkOptions options, DnsServices services)
{
    private readonly AddressPattern[] _destinations = [.. options.Destinations.Select(pattern => new AddressPattern(pattern))];

    public SipTrunkOptions Options => options;

    /// <summary>Its registration; null when there is none, or not yet.</summary>
    public SipRegistration? Registration { get; set; }

    public SipTransport Transport => SipTransports.Find(Encoding.ASCII.GetBytes(options.Transport)) ?? SipTransport.Udp;

    public SipCredentials? Credentials => options.Password.IsEmpty
        ? null
        : new SipCredentials(options.AuthenticationUser is { Length: > 0 } other ? other : options.User, options.Password.Reveal());

    /// <summary>Whether it is used for a number.</summary>
    public bool Takes(string number) => _destinations.Length == 0 || Array.Exists(_destinations, pattern => pattern.MatchesUser(number));

    public SipTrunkInfo Describe() => new(options.Name, options.Address, options.Registers, Registration?.IsRegistered == true, Registration?.LastStatus ?? 0);

    /// <summary>Where it is, the preferred first; each with the name that its certificate has to have.</summary>
    public Task<IReadOnlyList<(IPEndPoint EndPoint, string Name)>> ResolveAsync(CancellationToken cancellationToken) =>
        ResolveAsync(services, options.Hosts, options.Transport, cancellationToken);

    /// <summary>Looks hosts up: by service where there is neither port nor address, else by name.</summary>
    public static async Task<IReadOnlyList<(IPEndPoint EndPoint, string Name)>> ResolveAsync(
        DnsServices services, IEnumerable<string> hosts, string transport, CancellationToken cancellationToken)
    {
        int standard = transport == "tls" ? 5061 : 5060;
        var found = new List<(IPEndPoint, string)>();
        foreach (string text in hosts)
        {
            if (!SipHost.TryParse(text, out var host))
                continue;
            IReadOnlyList<(string Host, int Port)> places = [];
            if (host.Port is null && !IPAddress.TryParse(host.Name, out _))
                places = await services.FindAsync(DnsServices.NameOf(transport, host.Name), cancellationToken);
            if (places.Count == 0)
                places = [(host.Name, host.Port ?? standard)];
            foreach (var place in places)
            {
                foreach (var address in await AddressesAsync(place.Host, cancellationToken))
                    found.Add((new IPEndPoint(address, place.Port), host.Name));
            }
        }

        return found;
    }

    private static async Task<IPAddress[]> AddressesAsync(string name, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(name, out var known))
            return [known];
        try
        {
            return await Dns.GetHostAddressesAsync(name, cancellationToken);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
