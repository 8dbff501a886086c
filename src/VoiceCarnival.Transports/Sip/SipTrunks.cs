using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Transports.Sip;

/// <summary>One way to somebody.</summary>
/// <param name="Trunk">The trunk it goes through; null when it goes straight there.</param>
/// <param name="To">What stands in the request.</param>
/// <param name="From">Who we are on that way.</param>
/// <param name="Path">Where the request goes.</param>
/// <param name="Credentials">For a peer that asks.</param>
/// <param name="Encrypts">Audio is encrypted.</param>
internal sealed record SipWay(SipTrunk? Trunk, string To, string From, SipPath Path, SipCredentials? Credentials, bool Encrypts);

/// <summary>The operator's trunks: finds the ways of calls of ours, and registers with them.</summary>
internal sealed partial class SipTrunks
{
    private const long SilentFor = 60_000; // ms
    private const int MostSilent = 1000;
    private readonly ConcurrentDictionary<IPEndPoint, long> _silent = new();
    private readonly DnsServices _services;
    private readonly SipTrunk[] _trunks;
    private readonly AddressPattern[] _destinations;
    private readonly TimeProvider _time;
    private readonly ILogger<SipTrunks> _logger;

    public SipTrunks(IOptions<SipOptions> options, TimeProvider time, ILogger<SipTrunks> logger)
    {
        (_time, _logger) = (time, logger);
        _services = new DnsServices([.. options.Value.NameServers.Select(server => SipHost.ToEndPoint(server, 53)).OfType<IPEndPoint>()]);
        _trunks = [.. options.Value.Trunks.Select(trunk => new SipTrunk(trunk, _services))];
        _destinations = [.. options.Value.Destinations.Select(pattern => new AddressPattern(pattern))];
    }

    public IReadOnlyList<SipTrunk> All => _trunks;

    /// <summary>Calls of ours are possible at all.</summary>
    public bool CallsOut => _destinations.Length > 0;

    /// <summary>Whether the operator lets us call there.</summary>
    public bool Allows(string to) => Array.Exists(_destinations, pattern => IsUri(to) ? pattern.MatchesUri(to) : pattern.MatchesUser(to));

    /// <summary>The ways to somebody, the preferred first; none when nobody is known who could carry the call.</summary>
    /// <param name="to">A number, or a SIP or tel URI. Allowed.</param>
    /// <param name="from">What we call ourselves; null for the trunk's own.</param>
    /// <param name="server">Knows our addresses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<SipWay>> FindAsync(string to, string? from, SipServer server, CancellationToken cancellationToken)
    {
        string? domain = null;
        string number = to;
        if (IsUri(to))
            (number, domain) = Split(to);
        var ways = new List<SipWay>();
        foreach (var trunk in _trunks)
        {
            bool isMeant = domain is null ? trunk.Takes(number) : domain.Equals(trunk.Options.DomainName, StringComparison.OrdinalIgnoreCase)
                || trunk.Options.Hosts.Exists(host => SipHost.TryParse(host, out var named) && named.Name.Equals(domain, StringComparison.OrdinalIgnoreCase));
            if (!isMeant)
                continue;
            string uri = domain is null ? $"sip:{EscapeUser(number)}@{trunk.Options.DomainName}" : to;
            string address = from is null ? trunk.Options.Address : IsUri(from) ? from : $"sip:{EscapeUser(from)}@{trunk.Options.DomainName}";
            foreach (var (endPoint, name) in await trunk.ResolveAsync(cancellationToken))
            {
                // A trunk's name may lead elsewhere than it did when it was looked up last.
                server.Peers.Add(endPoint.Address);
                ways.Add(new SipWay(trunk, uri, address, server.PathTo(trunk.Transport, endPoint, name), trunk.Credentials, trunk.Options.Encrypts));
            }
        }

        if (ways.Count == 0 && domain is not null)
            ways.AddRange(await DirectAsync(to, from, server, cancellationToken));
        // Who did not answer a moment ago is asked last.
        return [.. ways.OrderBy(way => _silent.TryGetValue(way.Path.Remote, out long until) && Environment.TickCount64 < until)];
    }

    /// <summary>A host has said nothing: for a while others are tried before it.</summary>
    public void NoteSilence(IPEndPoint host)
    {
        if (_silent.Count > MostSilent)
            _silent.Clear();
        _silent[host] = Environment.TickCount64 + SilentFor;
    }

    /// <summary>Whether it is an address and no bare number or name.</summary>
    public static bool IsUri(string text) => SipUri.TryParse(Encoding.UTF8.GetBytes(text), out var uri) && uri.Scheme != SipUriScheme.Other;

    private async Task<IEnumerable<SipWay>> DirectAsync(string to, string? from, SipServer server, CancellationToken cancellationToken)
    {
        var (host, port, transport) = PlaceOf(to);
        string where = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var places = await SipTrunk.ResolveAsync(_services, [port is null ? host : $"{where}:{port}"], transport.UriName(), cancellationToken);
        return places.Select(place =>
        {
            var path = server.PathTo(transport, place.EndPoint, place.Name);
            string address = from is not null && IsUri(from) ? from : $"sip:{(from is null ? "agent" : EscapeUser(from))}@{HostOf(path.Local.Address)}";
            return new SipWay(null, to, address, path, null, Encrypts: false);
        });
    }

    private static (string User, string? Domain) Split(string uri)
    {
        return SipUri.TryParse(Encoding.UTF8.GetBytes(uri), out var parsed) ? (parsed.UserText, parsed.IsSip ? parsed.HostText : null) : ("", null);
    }

    private static (string Host, int? Port, SipTransport Transport) PlaceOf(string uri)
    {
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(uri), out var parsed))
            return ("", null, SipTransport.Udp);
        var transport = parsed.Scheme == SipUriScheme.Sips ? SipTransport.Tls
            : parsed.Parameters.TryGet("transport"u8, out var named) ? SipTransports.Find(named) ?? SipTransport.Udp : SipTransport.Udp;
        return (parsed.HostText, parsed.Port, transport);
    }

    private static string HostOf(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    // A user part as it may stand in a URI.
    private static string EscapeUser(string user) => Uri.EscapeDataString(user).Replace("%2B", "+", StringComparison.Ordinal).Replace("%2A", "*", StringComparison.Ordinal);

    private static partial class Log
    {
        [LoggerMessage(3311, LogLevel.Information, "SIP: registered with trunk {Trunk}")]
        public static partial void Registered(ILogger logger, string trunk);

        [LoggerMessage(3312, LogLevel.Warning, "SIP: not registered with trunk {Trunk}: {Status} {Reason}")]
        public static partial void NotRegistered(ILogger logger, string trunk, int status, string reason);

        [LoggerMessage(3316, LogLevel.Information, "SIP: registration with trunk {Trunk} taken back")]
        public static partial void Left(ILogger logger, string trunk);

        [LoggerMessage(3313, LogLevel.Warning, "SIP: no address is known of trunk {Trunk}")]
        public static partial void NotFound(ILogger logger, string trunk);

        [LoggerMessage(3314, LogLevel.Error, "SIP: trunk {Trunk} failed")]
        public static partial void Failed(ILogger logger, string trunk, Exception exception);
    }
}
