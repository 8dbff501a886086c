using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>The sockets that all calls share: one for each address of this machine, UDP and where it is wanted TCP, opened when first needed and looked after as addresses come and go. Thread-safe.</summary>
internal sealed partial class MediaPort(IOptions<WebRtcOptions> options, TimeProvider time, ILogger<MediaPort> logger) : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly Dictionary<(IPAddress Address, IceTransport Transport), IMediaSocket> _sockets = [];
    private readonly Dictionary<IceTransport, int> _ports = new() { [IceTransport.Udp] = options.Value.UdpPort };
    private IDatagramReceiver? _receiver;
    private OwnDatagrams? _own;
    private int _numbers;
    private long _lookedAt;
    private bool _hasLooked;
    private bool _isClosed;

    /// <summary>Why there is no socket; null when there is one.</summary>
    public string? Problem { get; private set; }

    /// <summary>Only callers on this machine are served.</summary>
    public bool IsForThisMachine => options.Value.ThisMachineOnly == true;

    /// <summary>Opens what is not open yet. Cheap when that was done a moment ago.</summary>
    /// <returns>Whether there is a socket; if not, <see cref="Problem"/> says why.</returns>
    public bool Open(IDatagramReceiver receiver)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            if (_hasLooked && time.GetElapsedTime(_lookedAt) < LookEvery)
                return HasUdp;
            _hasLooked = true;
            _lookedAt = time.GetTimestamp();
            if (_receiver is null)
            {
                _own = IsForThisMachine ? new OwnDatagrams(receiver) : null;
                _receiver = _own ?? receiver;
            }

            Look();
            return HasUdp;
        }
    }

    /// <summary>Where a caller can reach us, the preferred place first.</summary>
    /// <param name="caller">Loopback addresses are for callers on this machine only.</param>
    public IReadOnlyList<IceCandidate> CandidatesFor(IPAddress? caller)
    {
        WebRtcOptionsValidator.TryReadAddresses(options.Value.PublicAddress, out var publicAddresses);
        bool isHere = IsHere(caller);
        lock (_gate)
        {
            var udp = PlacesOf(IceTransport.Udp, publicAddresses, isHere);
            var tcp = PlacesOf(IceTransport.Tcp, publicAddresses, isHere);
            return [.. udp.Select((place, rank) => IceCandidate.Host(place, IceTransport.Udp, rank)), .. tcp.Select((place, rank) => IceCandidate.Host(place, IceTransport.Tcp, rank))];
        }
    }

    /// <summary>A caller whose request came by loopback, or who is not known to be elsewhere.</summary>
    public static bool IsHere(IPAddress? caller) => caller is null || IPAddress.IsLoopback(caller) || (caller.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(caller.MapToIPv4()));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var socket in _sockets.Values)
                socket.Dispose();
            _sockets.Clear();
        }
    }

    private bool HasUdp => _sockets.Keys.Any(static key => key.Transport == IceTransport.Udp);

    private IEnumerable<IPEndPoint> PlacesOf(IceTransport transport, List<IPAddress> publicAddresses, bool isHere)
    {
        var own = _sockets.Where(entry => entry.Key.Transport == transport).Select(entry => entry.Value.Local).ToList();
        var outward = own.FindAll(local => !IPAddress.IsLoopback(local.Address));
        var places = new List<IPEndPoint>();
        foreach (var address in publicAddresses)
        {
            if (outward.Find(local => local.AddressFamily == address.AddressFamily) is { } behind)
                places.Add(new IPEndPoint(address, behind.Port));
        }

        if (isHere || (outward.Count == 0 && places.Count == 0))
            places.AddRange(own.FindAll(local => IPAddress.IsLoopback(local.Address)));
        places.AddRange(outward);
        return places.Distinct();
    }

    private void Look()
    {
        var addresses = options.Value.Addresses.Length > 0 ? [.. options.Value.Addresses.Select(IPAddress.Parse)] : LocalAddresses.Find();
        _own?.Know(addresses);
        if (options.Value.TcpPort is { } tcpPort)
            _ports.TryAdd(IceTransport.Tcp, tcpPort);
        foreach (var gone in _sockets.Keys.Where(key => !addresses.Contains(key.Address)).ToArray())
        {
            _sockets.Remove(gone, out var socket);
            socket!.Dispose();
            Log.Closed(logger, gone.Transport, socket.Local);
        }

        Problem = null;
        foreach (var transport in _ports.Keys.ToArray())
        {
            foreach (var address in addresses)
            {
                // To a connection the system says yes before we can look who asks.
                if (_own is null || transport == IceTransport.Udp || IPAddress.IsLoopback(address))
                    Open(address, transport);
            }
        }

        if (HasUdp)
            Problem = null;
    }

    private void Open(IPAddress address, IceTransport transport)
    {
        if (_sockets.ContainsKey((address, transport)))
            return;
        try
        {
            var socket = Bind(address, transport);
            _ports[transport] = socket.Local.Port;
            _sockets.Add((address, transport), socket);
            socket.Start(_receiver!);
            Log.Opened(logger, transport, socket.Local, _own is null ? "" : ", of this machine only: VoiceCarnival:WebRtc:ThisMachineOnly");
        }
        catch (SocketException exception)
        {
            string setting = transport == IceTransport.Udp ? nameof(WebRtcOptions.UdpPort) : nameof(WebRtcOptions.TcpPort);
            Problem = $"{transport} {new IPEndPoint(address, _ports[transport])} cannot be listened on: {exception.Message}. Choose another VoiceCarnival:WebRtc:{setting} or VoiceCarnival:WebRtc:Addresses.";
            Log.NotOpened(logger, transport, address, _ports[transport], exception.Message);
        }
    }

    // The same port on every address where that can be had; a port that the operator chose is the only one.
    private IMediaSocket Bind(IPAddress address, IceTransport transport)
    {
        bool isFree = (transport == IceTransport.Udp ? options.Value.UdpPort : options.Value.TcpPort) == 0;
        try
        {
            return Create(new IPEndPoint(address, _ports[transport]), transport);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && isFree && _ports[transport] != 0)
        {
            return Create(new IPEndPoint(address, 0), transport);
        }
    }

    private IMediaSocket Create(IPEndPoint local, IceTransport transport) => transport == IceTransport.Udp
        ? new UdpSocket(NextNumber(), local, logger)
        : new TcpListeningSocket(NextNumber, local, logger);

    private int NextNumber() => Interlocked.Increment(ref _numbers);

    private static partial class Log
    {
        [LoggerMessage(4011, LogLevel.Information, "WebRTC takes calls at {Transport} {Address}{Whose}")]
        public static partial void Opened(ILogger logger, IceTransport transport, IPEndPoint address, string whose);

        [LoggerMessage(4012, LogLevel.Information, "WebRTC no longer takes calls at {Transport} {Address}, which is not this machine's any more")]
        public static partial void Closed(ILogger logger, IceTransport transport, IPEndPoint address);

        [LoggerMessage(4013, LogLevel.Error, "WebRTC cannot listen at {Transport} {Address}, port {Port}: {Reason}")]
        public static partial void NotOpened(ILogger logger, IceTransport transport, IPAddress address, int port, string reason);
    }
}
