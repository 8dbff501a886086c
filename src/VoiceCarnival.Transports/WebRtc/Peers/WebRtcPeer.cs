using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sctp;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;
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
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1.5);
    private readonly Lock _gate = new();
    private readonly PeerServices _services;
    private readonly IPeerOwner _owner;
    private readonly PeerSignals _signals;
    private readonly DtlsDatagrams _datagrams;
    private readonly PeerPaths _paths;
    private readonly PeerHandshake _handshake;
    private readonly SrtpLink _srtp = new();
    // Made once: a delegate for each packet would be all that a packet leaves to the garbage collector.
    private readonly SrtpLink.PacketTaker _takeRtp;
    private readonly SrtpLink.PacketTaker _takeRtcp;
    private readonly PeerData _data;
    private readonly PeerTimer _timer;
    private readonly TimeSpan _began;
    private WebRtcOffer _offer;
    private volatile bool _hasEnded;
    private volatile bool _isOver;
    private TimeSpan? _finishAt;

    /// <summary>Begins to wait for the browser that made the offer.</summary>
    public WebRtcPeer(PeerServices services, WebRtcOffer offer, IPeerOwner owner)
    {
        _services = services;
        _offer = offer;
        _owner = owner;
        (_takeRtp, _takeRtcp) = (owner.OnRtp, owner.OnRtcp);
        _began = services.Now;
        _signals = new PeerSignals(owner, OnSignalsHaveRoom, services.Logger);
        _datagrams = new DtlsDatagrams(SendRaw);
        _handshake = new PeerHandshake(services, isClient: offer.Setup == SetupRole.Passive, _datagrams);
        _timer = new PeerTimer(services, OnTimer);
        _data = new PeerData(offer.Data is null ? null : new EventChannel(new EventChannelOptions
        {
            RemotePort = (ushort)offer.SctpPort,
            IsDtlsClient = _handshake.IsClient,
            LargestForCaller = offer.MaxMessageSize,
            SoftLimit = services.Options.OutputSoftLimitKilobytes * 1024,
            HardLimit = services.Options.OutputHardLimitKilobytes * 1024,
        }, RandomNumberGenerator.GetBytes(SctpAssociation.EntropyLength)));

        lock (_gate)
        {
            _paths = new PeerPaths(this, services, offer);
            Arm();
        }
    }

    /// <summary>Our credentials since the last restart.</summary>
    public IceCredentials Local
    {
        get
        {
            lock (_gate)
                return _paths.Local;
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

    /// <summary>It is over, or will be when the owner has been told.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>The owner has been told everything; for tests, which move the time on only then.</summary>
    public bool IsQuiet => _signals.IsIdle;

    /// <summary>Where the browser is now, for figures; null while nothing may be sent.</summary>
    public IPEndPoint? Remote => _paths.Selected?.Path.Remote;

    /// <summary>It has shown lately that it is there, and has not hung up since: its place is nobody else's. Systems give a port out again as soon as it is free.</summary>
    public bool IsInUse => !_isOver && !_hasEnded && _paths.IsInUse;

    /// <summary>A STUN message with our fragment in it.</summary>
    public void ReceiveCheck(in StunMessage message, IDatagramEnd end, SocketAddress remote, in RemoteKey key)
    {
        Span<byte> answer = stackalloc byte[StunMessage.MaxLength];
        int length;
        lock (_gate)
        {
            if (_isOver)
                return;
            var now = _services.Now;
            length = _paths.Receive(message, end, remote, key, now, answer);
            TakePaths();
            Pump(now);
        }

        if (length > 0)
            end.Send(answer[..length], remote);
    }

    /// <summary>A DTLS datagram from a place where a check had come from.</summary>
    public void ReceiveDtls(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            if (_data.IsSecured)
            {
                var now = _services.Now;
                _data.Receive(datagram, now);
                AfterData(now);
                return;
            }

            _datagrams.Offer(datagram);
            if (_handshake.IsBegunBy(datagram))
                BeginHandshake();
        }
    }

    /// <summary>An SRTP packet from there; decrypted in place.</summary>
    /// <returns>Why it was not taken; null when it was.</returns>
    public DropReason? ReceiveRtp(Span<byte> packet) => _srtp.ReceiveRtp(packet, _takeRtp);

    /// <summary>An SRTCP packet from there; decrypted in place.</summary>
    /// <returns>Why it was not taken; null when it was.</returns>
    public DropReason? ReceiveRtcp(Span<byte> packet) => _srtp.ReceiveRtcp(packet, _takeRtcp);

    /// <summary>Sends RTP: protected in place, so there is room for that behind it. Dropped where nothing may be sent.</summary>
    public void SendRtp(Span<byte> buffer, int length)
    {
        if (_paths.Selected is { } route)
            _srtp.SendRtp(buffer, length, route);
    }

    /// <summary>The same with RTCP.</summary>
    public void SendRtcp(Span<byte> buffer, int length)
    {
        if (_paths.Selected is { } route)
            _srtp.SendRtcp(buffer, length, route);
    }

    /// <summary>Queues an event; without a data channel it is dropped.</summary>
    /// <returns>False when more waits than should; <see cref="IPeerOwner.OnRoom"/> follows.</returns>
    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            if (_isOver)
                return true;
            bool room = _data.Write(type, utf8Json);
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
                return _paths.Local;
            _services.Metrics.Restarted();
            var local = _paths.Restart(offer.Ice);
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
            if (!_data.IsUp)
            {
                Finish();
                return;
            }

            if (error is not null)
                _data.Write(ServerEventTypes.Error, ErrorEvent.Of(error));
            if (inOrder)
                _data.Close();
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
            _data.Cut();
            _paths.Cut();
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

    private void SendRaw(ReadOnlySpan<byte> datagram) => _paths.Selected?.Send(datagram);

    private void TakePaths()
    {
        while (_paths.TryTake(out var happened))
        {
            if (happened == IceEventKind.Failed)
            {
                End(_handshake.HasBegun ? PeerEnd.Silent : PeerEnd.NeverCame, null);
                continue;
            }

            _data.OnPathChanged(_services.Now);
            if (_handshake.IsClient)
                BeginHandshake();
        }
    }

    private void BeginHandshake() => _handshake.Begin(_offer, OnSecured, OnHandshakeFailed);

    private void OnHandshakeFailed(string reason)
    {
        lock (_gate)
            End(PeerEnd.HandshakeFailed, reason);
    }

    private void OnSecured(DtlsLink link, SrtpKeyingMaterial? keys)
    {
        lock (_gate)
        {
            if (!_isOver && !_hasEnded)
            {
                _datagrams.EndHandshake();
                if (keys is not null)
                    _srtp.Begin(keys);
                var now = _services.Now;
                if (_paths.Selected is { } route)
                    _services.Metrics.Connected(now - _began, route.Path.Transport);
                _data.Begin(link, now);
                _signals.Secured();
                // What came in meanwhile has been waiting.
                _data.Receive(now);
                AfterData(now);
            }
        }

        keys?.Dispose();
    }

    // The data channel.

    private void AfterData(TimeSpan now)
    {
        if (_data.HasLeft)
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
        while (!_isOver && _signals.HasRoom && _data.TryTake(out var signal))
            Handle(signal, now);
        if (!_isOver)
            _data.Send(now);
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
        _timer.Disarm();
        if (_isOver)
            return;
        _paths.AdvanceTo(now);
        TakePaths();
        _data.AdvanceTo(now);
        Pump(now);
        if (now >= _finishAt)
            Finish();
    }

    private void Arm()
    {
        if (!_isOver)
            _timer.Arm(_paths.NextDeadline, _data.NextDeadline, _finishAt);
    }

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
        _services.Metrics.Ended(end);
        _signals.Ended(end, detail);
    }

    private void Finish()
    {
        if (_isOver)
            return;
        _data.Abort(_services.Now);
        _isOver = true;
        _hasEnded = true;
        _datagrams.Close();
        _paths.Close();
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
