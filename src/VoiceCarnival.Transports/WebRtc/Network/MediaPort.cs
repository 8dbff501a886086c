using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Transports.WebRtc.Network;

/// <summary>The sockets that all calls share: one for each address of this machine, opened when first needed and looked after as addresses come and go. Thread-safe.</summary>
internal sealed partial class MediaPort(IOptions<WebRtcOptions> options, TimeProvider time, ILogger<MediaPort> logger) : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, UdpSocket> _sockets = [];
    private IDatagramReceiver? _receiver;
    private int _port = options.Value.UdpPort;
    private int _numbers;
    private long _lookedAt;
    private bool _hasLooked;
    private bool _isClosed;

    /// <summary>Why there is no socket; null when there is one.</summary>
    public string? Problem { get; private set; }

    /// <summary>Sockets that are open.</summary>
    public IReadOnlyList<UdpSocket> Sockets
    {
        get
        {
            lock (_gate)
                return [.. _sockets.Values];
        }
    }

    /// <summary>Opens what is not open yet. Cheap when that was done a moment ago.</summary>
    /// <returns>Whether there is a socket; if not, <see cref="Problem"/> says why.</returns>
    public bool Open(IDatagramReceiver receiver)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            if (_hasLooked && time.GetElapsedTime(_lookedAt) < LookEvery)
                return _sockets.Count > 0;
            _hasLooked = true;
            _lookedAt = time.GetTimestamp();
            _receiver = receiver;
            Look();
            return _sockets.Count > 0;
        }
    }

    /// <summary>Where a caller can reach us, the preferred place first.</summary>
    /// <param name="caller">Loopback addresses are for callers on this machine only.</param>
    public IReadOnlyList<IceCandidate> CandidatesFor(IPAddress? caller)
    {
        WebRtcOptionsValidator.TryReadAddresses(options.Value.PublicAddress, out var publicAddresses);
        bool isHere = caller is null || IPAddress.IsLoopback(caller) || (caller.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(caller.MapToIPv4()));
        lock (_gate)
        {
            var places = new List<IPEndPoint>();
            foreach (var address in publicAddresses)
            {
                if (_sockets.Values.FirstOrDefault(s => s.Local.AddressFamily == address.AddressFamily && !IPAddress.IsLoopback(s.Local.Address)) is { } socket)
                    places.Add(new IPEndPoint(address, socket.Local.Port));
            }

            var own = _sockets.Values.Select(socket => socket.Local).ToList();
            var outward = own.FindAll(local => !IPAddress.IsLoopback(local.Address));
            if (isHere || (outward.Count == 0 && places.Count == 0))
                places.AddRange(own.FindAll(local => IPAddress.IsLoopback(local.Address)));
            places.AddRange(outward);
            return [.. places.Distinct().Select((place, rank) => IceCandidate.Host(place, IceTransport.Udp, rank))];
        }
    }

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

    private void Look()
    {
        var wanted = options.Value.Addresses.Length > 0 ? [.. options.Value.Addresses.Select(IPAddress.Parse)] : LocalAddresses.Find();
        foreach (var gone in _sockets.Keys.Except(wanted).ToArray())
        {
            _sockets.Remove(gone, out var socket);
            socket!.Dispose();
            Log.Closed(logger, socket.Local);
        }

        Problem = null;
        foreach (var address in wanted)
        {
            if (_sockets.ContainsKey(address))
                continue;
            try
            {
                var socket = Bind(address);
                _port = socket.Local.Port;
                _sockets.Add(address, socket);
                socket.Start(_receiver!);
                Log.Opened(logger, socket.Local);
            }
            catch (SocketException exception)
            {
                Problem = $"UDP {new IPEndPoint(address, options.Value.UdpPort)} cannot be listened on: {exception.Message}. Choose another VoiceCarnival:WebRtc:UdpPort or VoiceCarnival:WebRtc:Addresses.";
                Log.NotOpened(logger, address, options.Value.UdpPort, exception.Message);
            }
        }

        if (_sockets.Count > 0)
            Problem = null;
    }

    // The same port on every address where that can be had; a port that the operator chose is the only one.
    private UdpSocket Bind(IPAddress address)
    {
        try
        {
            return new UdpSocket(++_numbers, new IPEndPoint(address, _port), logger);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse && options.Value.UdpPort == 0 && _port != 0)
        {
            return new UdpSocket(++_numbers, new IPEndPoint(address, 0), logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4011, LogLevel.Information, "WebRTC takes calls at UDP {Address}")]
        public static partial void Opened(ILogger logger, IPEndPoint address);

        [LoggerMessage(4012, LogLevel.Information, "WebRTC no longer takes calls at UDP {Address}, which is not this machine's any more")]
        public static partial void Closed(ILogger logger, IPEndPoint address);

        [LoggerMessage(4013, LogLevel.Error, "WebRTC cannot listen at UDP {Address}, port {Port}: {Reason}")]
        public static partial void NotOpened(ILogger logger, IPAddress address, int port, string reason);
    }
}
