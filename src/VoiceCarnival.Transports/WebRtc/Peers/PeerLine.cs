using System.Net;
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
/// The line to one browser: the paths that it has, the handshake that makes it safe, the data that goes over it, and how it ends. What happens is told to <see cref="PeerSignals"/>.
/// Not thread-safe, but for what says so.
/// </summary>
internal sealed class PeerLine
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1.5);
    private readonly PeerServices _services;
    private readonly PeerSignals _signals;
    private readonly PeerPaths _paths;
    private readonly DtlsDatagrams _datagrams;
    private readonly PeerHandshake _handshake;
    private readonly PeerData _data;
    private readonly TimeSpan _began;
    private readonly TimeSpan _safeBy;
    private readonly Action<DtlsLink, SrtpKeyingMaterial?> _secured;
    private readonly Action<string> _failed;
    private TimeSpan? _finishAt;
    private volatile bool _hasEnded;
    private volatile bool _isOver;

    /// <summary>Begins to wait for the browser that made the offer.</summary>
    /// <param name="peer">Whose it is, for the table that all peers share.</param>
    /// <param name="services">What all peers share.</param>
    /// <param name="offer">The offer.</param>
    /// <param name="signals">Takes what there is to tell.</param>
    /// <param name="secured">Takes what the handshake made, on its own thread; <see cref="Secure"/> follows.</param>
    /// <param name="failed">Takes why it failed, likewise; <see cref="End"/> follows.</param>
    public PeerLine(
        WebRtcPeer peer, PeerServices services, WebRtcOffer offer, PeerSignals signals, Action<DtlsLink, SrtpKeyingMaterial?> secured, Action<string> failed)
    {
        (_services, _signals, _secured, _failed, Offer, _began) = (services, signals, secured, failed, offer, services.Now);
        // Checks alone must not hold a place, an engine and what that costs.
        _safeBy = _began + TimeSpan.FromSeconds(services.Options.ConnectSeconds + services.Options.HandshakeSeconds);
        _datagrams = new DtlsDatagrams(SendRaw);
        _handshake = new PeerHandshake(services, isClient: offer.Setup == SetupRole.Passive, _datagrams);
        _data = PeerData.Of(offer, _handshake.IsClient, services.Options);
        _paths = new PeerPaths(peer, services, offer);
    }

    /// <summary>Our credentials since the last restart.</summary>
    public IceCredentials Local => _paths.Local;

    /// <summary>The offer that holds now.</summary>
    public WebRtcOffer Offer { get; private set; }

    /// <summary>Where to send; null while nothing may be sent. Any thread may ask.</summary>
    public PeerRoute? Selected => _paths.Selected;

    /// <summary>Nothing comes or goes any more. Any thread may ask.</summary>
    public bool IsOver => _isOver;

    /// <summary>It is over, or will be when the owner has been told. Any thread may ask.</summary>
    public bool HasEnded => _hasEnded;

    /// <summary>It has shown lately that it is there, and has not hung up since. Any thread may ask.</summary>
    public bool IsInUse => !_hasEnded && _paths.IsInUse;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline => _isOver ? null : Earlier(Earlier(_paths.NextDeadline, _data.IsSecured || _hasEnded ? null : _safeBy), Earlier(_data.NextDeadline, _finishAt));

    /// <summary>A STUN message with our fragment in it.</summary>
    /// <returns>Bytes of the answer; 0 for none.</returns>
    public int ReceiveCheck(in StunMessage message, IDatagramEnd end, SocketAddress remote, in RemoteKey key, Span<byte> answer)
    {
        if (_isOver)
            return 0;
        var now = _services.Now;
        int length = _paths.Receive(message, end, remote, key, now, answer);
        TakePaths();
        Pump(now);
        return length;
    }

    /// <summary>A DTLS datagram from a place where a check had come from.</summary>
    public void ReceiveDtls(ReadOnlySpan<byte> datagram)
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

    /// <summary>The handshake is through.</summary>
    public void Secure(DtlsLink link)
    {
        if (_hasEnded)
            return;
        _datagrams.EndHandshake();
        var now = _services.Now;
        if (Selected is { } route)
            _services.Metrics.Connected(now - _began, route.Path.Transport);
        _data.Begin(link, now);
        _signals.Secured();
        // What came in meanwhile has been waiting.
        _data.Receive(now);
        AfterData(now);
    }

    /// <summary>Queues an event; without a data channel it is dropped.</summary>
    /// <returns>False when more waits than should.</returns>
    public bool Write(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (_isOver)
            return true;
        bool room = _data.Write(type, utf8Json);
        Pump(_services.Now);
        return room;
    }

    /// <summary>Takes the events that the browser is not known to have got.</summary>
    public IReadOnlyList<WrittenEvent> TakeUndelivered() => _data.TakeUndelivered();

    /// <summary>Takes a new offer of the same browser: other credentials mean a restart of ICE. What is safe stays safe.</summary>
    /// <returns>Our credentials; null when it has ended.</returns>
    public IceCredentials? Renegotiate(WebRtcOffer offer)
    {
        if (_hasEnded)
            return null;
        bool restarts = offer.Ice.Ufrag != Offer.Ice.Ufrag || offer.Ice.Password != Offer.Ice.Password;
        Offer = offer;
        if (!restarts)
            return _paths.Local;
        _services.Metrics.Restarted();
        return _paths.Restart(offer.Ice);
    }

    /// <summary>Ends it from our side; nothing more is told.</summary>
    /// <param name="error">A last event; null for none.</param>
    /// <param name="inOrder">The channel is closed first, by which the caller knows that this was meant; else the line just breaks off.</param>
    public void Close(RealtimeError? error, bool inOrder)
    {
        if (_isOver)
            return;
        _hasEnded = true;
        if (!_data.IsUp)
        {
            Finish();
            return;
        }

        if (error is not null)
            _data.Write(ServerEventTypes.Error, ErrorEvent.Of(error));
        if (inOrder)
            _data.Close();
        var now = _services.Now;
        _finishAt = now + GoodbyeTime;
        Pump(now);
        if (!inOrder)
            Finish();
    }

    /// <summary>Drops it without a word, as a network that fails does.</summary>
    public void Drop()
    {
        _data.Cut();
        _paths.Cut();
        Finish();
    }

    /// <summary>Frees everything once the owner has been told of the end.</summary>
    public void Release()
    {
        if (_finishAt is null)
            Finish();
    }

    /// <summary>It is gone, by its own doing or the network's; the owner is told, once.</summary>
    public void End(PeerEnd end, string? detail)
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

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (_isOver)
            return;
        _paths.AdvanceTo(now);
        TakePaths();
        if (now >= _safeBy && !_data.IsSecured && !_hasEnded)
            End(PeerEnd.NeverCame, null);
        _data.AdvanceTo(now);
        Pump(now);
        if (now >= _finishAt)
            Finish();
    }

    /// <summary>Tells what has happened, then sends what there is to be sent.</summary>
    public void Pump(TimeSpan now)
    {
        while (!_isOver && _signals.HasRoom && _data.TryTake(out var signal))
            Handle(signal, now);
        // An owner who is behind must not keep events from the caller, nor miss that it has gone.
        if (!_isOver && !_signals.HasRoom && !_data.GoOn())
            End(PeerEnd.Left, null);
        if (!_isOver)
            _data.Send(now);
    }

    private void SendRaw(ReadOnlySpan<byte> datagram) => Selected?.Send(datagram);

    private void BeginHandshake() => _handshake.Begin(Offer, Selected?.Path.Remote.Address, _secured, _failed);

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

    private void AfterData(TimeSpan now)
    {
        if (_data.HasLeft)
            End(PeerEnd.Left, null);
        Pump(now);
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

    private void Finish()
    {
        if (_isOver)
            return;
        _data.Abort(_services.Now);
        _isOver = _hasEnded = true;
        _datagrams.Close();
        _paths.Close();
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;
}
