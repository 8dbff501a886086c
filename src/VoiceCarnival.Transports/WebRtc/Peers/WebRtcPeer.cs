using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Org.BouncyCastle.Tls;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Transports.WebRtc.Channel;
using VoiceCarnival.Transports.WebRtc.Dtls;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>
/// One browser: ICE, DTLS, SRTP and the data channel put together, and driven by datagrams, by a timer and by what is to be sent. Any thread may call.
/// </summary>
/// <remarks>
/// Locks nest inwards: engine, session, connection, then the peer's. With the peer's lock held nothing outside is called but sockets; what there is to tell goes through
/// <see cref="PeerSignals"/>. Decrypted media are handed on from under the receiving lock of <see cref="SrtpLink"/>, which nothing else waits for.
/// </remarks>
internal sealed partial class WebRtcPeer : IDisposable
{
    private const int LongestPacket = 1200;
    private const byte HandshakeRecord = 22;
    private static readonly TimeSpan InUse = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1.5);
    private readonly Lock _gate = new();
    private readonly PeerServices _services;
    private readonly IPeerOwner _owner;
    private readonly PeerSignals _signals;
    private readonly DtlsDatagrams _datagrams;
    private readonly SrtpLink _srtp = new();
    private readonly IceLiteAgent _ice;
    private readonly List<IceCredentials> _credentials = [];
    private readonly Dictionary<RemoteKey, PeerRoute> _routes = [];
    private readonly ITimer _timer;
    private readonly bool _isClient;
    private WebRtcOffer _offer;
    private volatile PeerRoute? _route;
    private DtlsLink? _link;
    private readonly EventChannel? _channel;
    private bool _handshakeBegan;
    private bool _hasEnded;
    private volatile bool _isOver;
    private TimeSpan? _finishAt;
    private TimeSpan? _armedFor;
    private long _lastCheck;

    /// <summary>Begins to wait for the browser that made the offer.</summary>
    public WebRtcPeer(PeerServices services, WebRtcOffer offer, IPeerOwner owner)
    {
        _services = services;
        _offer = offer;
        _owner = owner;
        _isClient = offer.Setup == SetupRole.Passive;
        _signals = new PeerSignals(owner, OnSignalsHaveRoom, services.Logger);
        _datagrams = new DtlsDatagrams(SendRaw);
        _timer = services.Time.CreateTimer(static peer => ((WebRtcPeer)peer!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var local = services.Table.Add(this);
        _credentials.Add(local);
        _ice = new IceLiteAgent(local, offer.Ice, new IceOptions
        {
            FirstCheck = TimeSpan.FromSeconds(services.Options.ConnectSeconds),
            Consent = TimeSpan.FromSeconds(services.Options.ConsentSeconds),
        }, services.Now);
        if (offer.Data is not null)
        {
            _channel = new EventChannel(new EventChannelOptions
            {
                RemotePort = (ushort)offer.SctpPort,
                IsDtlsClient = _isClient,
                LargestForCaller = offer.MaxMessageSize,
                SoftLimit = services.Options.OutputSoftLimitKilobytes * 1024,
                HardLimit = services.Options.OutputHardLimitKilobytes * 1024,
            }, RandomNumberGenerator.GetBytes(SctpAssociation.EntropyLength));
        }

        lock (_gate)
            Arm();
    }

    /// <summary>Our credentials since the last restart.</summary>
    public IceCredentials Local
    {
        get
        {
            lock (_gate)
                return _ice.Local;
        }
    }

    /// <summary>The offer that holds now.</summary>
    public WebRtcOffer Offer
    {
        get
        {
            lock (_gate)
                return _offer;
        }
    }

    /// <summary>Nothing comes or goes any more.</summary>
    public bool IsOver => _isOver;

    /// <summary>Where the browser is now, for figures; null while nothing may be sent.</summary>
    public IPEndPoint? Remote => _route?.Path.Remote;

    private bool IsInUse => !_isOver && _services.Now.Ticks - Volatile.Read(ref _lastCheck) < InUse.Ticks;

    /// <summary>A STUN message with our fragment in it.</summary>
    public void ReceiveCheck(in StunMessage message, UdpSocket socket, SocketAddress remote, in RemoteKey key)
    {
        Span<byte> answer = stackalloc byte[StunMessage.MaxLength];
        int length;
        lock (_gate)
        {
            if (_isOver)
                return;
            var now = _services.Now;
            bool isNew = !_routes.TryGetValue(key, out var route);
            route ??= PeerRoute.Of(socket, remote);
            if (_ice.Receive(message, route.Path, now, answer, out length) == IceCheckOutcome.Accepted)
            {
                Volatile.Write(ref _lastCheck, now.Ticks);
                if (isNew)
                    _routes[key] = route;
                // Asked again with each check: where another call was before, that one may be gone by now.
                _services.Table.TryMap(key, this, static other => other.IsInUse);
            }

            TakeIceEvents();
            Pump(now);
        }

        if (length > 0)
            socket.Send(answer[..length], remote);
    }

    /// <summary>A DTLS datagram from a place where a check had come from.</summary>
    public void ReceiveDtls(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            if (_link is not null)
            {
                _link.Offer(datagram);
                TakeData(_services.Now);
                return;
            }

            _datagrams.Offer(datagram);
            if (!_isClient && datagram[0] == HandshakeRecord)
                BeginHandshake();
        }
    }

    /// <summary>An SRTP packet from there; decrypted in place.</summary>
    public void ReceiveRtp(Span<byte> packet) => _srtp.ReceiveRtp(packet, _owner.OnRtp);

    /// <summary>An SRTCP packet from there; decrypted in place.</summary>
    public void ReceiveRtcp(Span<byte> packet) => _srtp.ReceiveRtcp(packet, _owner.OnRtcp);

    /// <summary>Sends RTP: protected in place, so there is room for that behind it. Dropped where nothing may be sent.</summary>
    public void SendRtp(Span<byte> buffer, int length)
    {
        if (_route is { } route)
            _srtp.SendRtp(buffer, length, route);
    }

    /// <summary>The same with RTCP.</summary>
    public void SendRtcp(Span<byte> buffer, int length)
    {
        if (_route is { } route)
            _srtp.SendRtcp(buffer, length, route);
    }

    /// <summary>Queues an event; without a data channel it is dropped.</summary>
    /// <returns>False when more waits than should; <see cref="IPeerOwner.OnRoom"/> follows.</returns>
    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            if (_isOver || _channel is null)
                return true;
            bool room = _channel.Write(type, utf8Json);
            Pump(_services.Now);
            return room;
        }
    }

    /// <summary>Takes a new offer of the same browser: other credentials mean a restart of ICE. What is safe stays safe.</summary>
    /// <returns>Our credentials; null when the peer is over.</returns>
    public IceCredentials? Renegotiate(WebRtcOffer offer)
    {
        lock (_gate)
        {
            if (_isOver || _hasEnded)
                return null;
            bool restarts = offer.Ice.Ufrag != _offer.Ice.Ufrag || offer.Ice.Password != _offer.Ice.Password;
            _offer = offer;
            if (!restarts)
                return _ice.Local;
            // The one before the former is no longer taken by the agent, either.
            while (_credentials.Count > 1)
                Forget(_credentials[0]);
            var local = _services.Table.Add(this);
            _credentials.Add(local);
            _ice.Restart(local, offer.Ice, _services.Now);
            Arm();
            return local;
        }
    }

    /// <summary>Ends it from our side. The owner hears no more.</summary>
    /// <param name="error">A last event; null for none.</param>
    /// <param name="inOrder">The channel is closed first, by which the caller knows that this was meant; else the line just breaks off.</param>
    public void Close(RealtimeError? error, bool inOrder)
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _hasEnded = true;
            var now = _services.Now;
            if (_channel is null || _link is null || _link.IsClosed)
            {
                Finish();
                return;
            }

            if (error is not null)
                _channel.Write(ServerEventTypes.Error, ErrorEvent.Of(error));
            if (inOrder)
                _channel.Close();
            _finishAt = now + GoodbyeTime;
            Pump(now);
            if (!inOrder)
                Finish();
        }
    }

    /// <summary>Drops it without a word, as a network that fails does.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _link = null;
            _route = null;
            Finish();
        }
    }

    /// <summary>Frees everything after <see cref="IPeerOwner.OnEnded"/>.</summary>
    public void Release()
    {
        lock (_gate)
        {
            if (_finishAt is null)
                Finish();
        }
    }

    private void SendRaw(ReadOnlySpan<byte> datagram) => _route?.Send(datagram);

    private void TakeIceEvents()
    {
        while (_ice.TryTakeEvent(out var happened))
        {
            switch (happened.Kind)
            {
                case IceEventKind.PathRemoved when Find(happened.Path) is { } removed:
                    _routes.Remove(removed.Key);
                    _services.Table.Unmap(removed.Key, this);
                    break;
                case IceEventKind.PathSelected when Find(happened.Path) is { } selected:
                    _route = selected;
                    if (_link is not null)
                        _channel?.OnPathChanged(_services.Now);
                    if (_isClient)
                        BeginHandshake();
                    break;
                case IceEventKind.Restarted:
                    while (_credentials.Count > 1)
                        Forget(_credentials[0]);
                    break;
                case IceEventKind.Failed:
                    _route = null;
                    End(_handshakeBegan || _link is not null ? PeerEnd.Silent : PeerEnd.NeverCame, null);
                    break;
            }
        }
    }

    private PeerRoute? Find(IcePath path)
    {
        foreach (var route in _routes.Values)
        {
            if (route.Path.Equals(path))
                return route;
        }

        return null;
    }

    private void Forget(IceCredentials credentials)
    {
        _credentials.Remove(credentials);
        _services.Table.Remove(credentials);
    }

    // The handshake, on a thread of its own.

    private void BeginHandshake()
    {
        if (_handshakeBegan)
            return;
        _handshakeBegan = true;
        _services.Handshakes.Run(Handshake);
    }

    private void Handshake()
    {
        try
        {
            var terms = new DtlsTerms(_services.Identity, _offer.Fingerprints, _offer.Audio is not null, TimeSpan.FromSeconds(_services.Options.HandshakeSeconds));
            if (_isClient)
            {
                var side = new DtlsClientSide(terms);
                OnSecured(new DtlsClientProtocol().Connect(side, _datagrams), side);
            }
            else
            {
                var side = new DtlsServerSide(terms);
                OnSecured(new DtlsServerProtocol().Accept(side, _datagrams), side);
            }
        }
        catch (Exception exception)
        {
            // Whatever a peer sends into a handshake must not reach beyond it.
            lock (_gate)
                End(PeerEnd.HandshakeFailed, exception is TlsFatalAlert alert ? AlertDescription.GetText(alert.AlertDescription) : exception.Message);
        }
    }

    private void OnSecured(DtlsTransport transport, IDtlsSide side)
    {
        var keys = side.Keys;
        lock (_gate)
        {
            if (_isOver || _hasEnded)
            {
                keys?.Dispose();
                return;
            }

            _link = new DtlsLink(transport, _datagrams);
            _datagrams.EndHandshake();
            if (keys is not null)
            {
                _srtp.Begin(keys);
                keys.Dispose();
            }

            var now = _services.Now;
            _channel?.Begin(now);
            _signals.Secured();
            // What came in meanwhile has been waiting.
            TakeData(now);
        }
    }

    // The data channel.

    private void TakeData(TimeSpan now)
    {
        while (_link!.TryTake(out var data))
            _channel?.Receive(data, now);
        if (_link.IsClosed)
            End(PeerEnd.Left, null);
        Pump(now);
    }

    private void OnSignalsHaveRoom()
    {
        lock (_gate)
            Pump(_services.Now);
    }

    /// <summary>Tells what has happened, then sends what there is to be sent.</summary>
    private void Pump(TimeSpan now)
    {
        if (_channel is { } channel && _link is { } link && !_isOver)
        {
            while (_signals.HasRoom && channel.TryTake(out var signal))
                Handle(signal, now);
            Span<byte> packet = stackalloc byte[LongestPacket];
            while (!_isOver && channel.TryTakeTransmit(now, packet, out int length))
                link.Send(packet[..length]);
        }

        Arm();
    }

    private void Handle(in ChannelSignal signal, TimeSpan now)
    {
        switch (signal.Kind)
        {
            case ChannelSignalKind.ClosedByCaller:
                // Our half of the reset goes out before all is dropped.
                _finishAt = now + GoodbyeTime;
                End(PeerEnd.HungUp, null);
                break;
            case ChannelSignalKind.Closed:
                // The browser goes by itself now. An end that came first would look to it like a line that broke.
                break;
            case ChannelSignalKind.Lost:
                End(signal.Reason is SctpCloseReason.ProtocolViolation ? PeerEnd.Fault : PeerEnd.Left, signal.Reason.ToString());
                break;
            case ChannelSignalKind.Overflow:
                End(PeerEnd.TooSlow, null);
                break;
            default:
                if (!_hasEnded)
                    _signals.Channel(signal);
                break;
        }
    }

    // Time and the end.

    private void OnTimer()
    {
        try
        {
            lock (_gate)
                AdvanceTo(_services.Now);
        }
        catch (Exception exception)
        {
            // A defect here must cost this call only.
            Log.TimerFailed(_services.Logger, exception);
            lock (_gate)
                End(PeerEnd.Fault, "internal error");
        }
    }

    private void AdvanceTo(TimeSpan now)
    {
        _armedFor = null;
        if (_isOver)
            return;
        _ice.AdvanceTo(now);
        TakeIceEvents();
        if (_link is not null)
            _channel?.AdvanceTo(now);
        Pump(now);
        if (now >= _finishAt)
            Finish();
    }

    private void Arm()
    {
        if (_isOver)
            return;
        var next = Earlier(_ice.NextDeadline, _finishAt);
        if (_link is not null)
            next = Earlier(next, _channel?.NextDeadline);
        if (next is not { } at || at >= _armedFor)
            return;
        // A deadline that was put off finds nothing to do and arms again; that costs less than moving the timer with each packet.
        _armedFor = at;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, (at - _services.Now).TotalMilliseconds))), Timeout.InfiniteTimeSpan);
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;

    /// <summary>It is gone, by its own doing or the network's; the owner is told, once.</summary>
    private void End(PeerEnd end, string? detail)
    {
        if (_hasEnded)
        {
            // We were saying goodbye, and nobody is there to hear it.
            if (end is not PeerEnd.HungUp)
                Finish();
            return;
        }

        _hasEnded = true;
        _signals.Ended(end, detail);
    }

    private void Finish()
    {
        if (_isOver)
            return;
        if (_link is { } link)
        {
            Span<byte> packet = stackalloc byte[LongestPacket];
            if (_channel is { } channel)
            {
                channel.Abort();
                while (channel.TryTakeTransmit(_services.Now, packet, out int length))
                    link.Send(packet[..length]);
            }

            link.Close();
        }

        _isOver = true;
        _hasEnded = true;
        _datagrams.Close();
        _route = null;
        while (_credentials.Count > 0)
            Forget(_credentials[0]);
        foreach (var key in _routes.Keys)
            _services.Table.Unmap(key, this);
        _routes.Clear();
        _timer.Dispose();
        // Not here: a packet that is just being taken may wait for whoever holds our lock.
        _signals.Then(_srtp.Dispose);
    }

    private static partial class Log
    {
        [LoggerMessage(4022, LogLevel.Error, "The timer of a WebRTC peer failed")]
        public static partial void TimerFailed(ILogger logger, Exception exception);
    }
}
