using System.Net;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Srtp;
using VoiceCarnival.Protocols.Stun;
using VoiceCarnival.Transports.WebRtc.Channel;
using VoiceCarnival.Transports.WebRtc.Dtls;
using VoiceCarnival.Transports.WebRtc.Network;

namespace VoiceCarnival.Transports.WebRtc.Peers;

/// <summary>One browser: its line, driven by datagrams, by a timer and by what is to be sent, and the media over it. Any thread may call.</summary>
/// <remarks>
/// Locks nest inwards: engine, session, connection, then the peer's. With the peer's lock held nothing outside is called but sockets; what there is to tell goes through
/// <see cref="PeerSignals"/>. Decrypted media are handed on from under the receiving lock of <see cref="SrtpLink"/>, which nothing else waits for.
/// </remarks>
internal sealed partial class WebRtcPeer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PeerServices _services;
    private readonly PeerSignals _signals;
    private readonly PeerLine _line;
    private readonly PeerTimer _timer;
    private readonly SrtpLink _srtp = new();
    // Made once: a delegate for each packet would be all that a packet leaves to the garbage collector.
    private readonly SrtpLink.PacketTaker _takeRtp;
    private readonly SrtpLink.PacketTaker _takeRtcp;
    private bool _isFreed;

    /// <summary>Begins to wait for the browser that made the offer.</summary>
    public WebRtcPeer(PeerServices services, WebRtcOffer offer, IPeerOwner owner)
    {
        _services = services;
        (_takeRtp, _takeRtcp) = (owner.OnRtp, owner.OnRtcp);
        _signals = new PeerSignals(owner, OnSignalsHaveRoom, services.Logger);
        _timer = new PeerTimer(services, OnTimer);
        lock (_gate)
        {
            _line = new PeerLine(this, services, offer, _signals, OnSecured, OnHandshakeFailed);
            Settle();
        }
    }

    /// <summary>Our credentials since the last restart.</summary>
    public IceCredentials Local
    {
        get
        {
            lock (_gate)
                return _line.Local;
        }
    }

    /// <summary>The offer that holds now.</summary>
    public WebRtcOffer Offer
    {
        get
        {
            lock (_gate)
                return _line.Offer;
        }
    }

    /// <summary>Nothing comes or goes any more.</summary>
    public bool IsOver => _line.IsOver;

    /// <summary>It is over, or will be when the owner has been told.</summary>
    public bool HasEnded => _line.HasEnded;

    /// <summary>The owner has been told everything; for tests, which move the time on only then.</summary>
    public bool IsQuiet => _signals.IsIdle;

    /// <summary>Where the browser is now, for figures; null while nothing may be sent.</summary>
    public IPEndPoint? Remote => _line.Selected?.Path.Remote;

    /// <summary>It has shown lately that it is there, and has not hung up since: its place is nobody else's. Systems give a port out again as soon as it is free.</summary>
    public bool IsInUse => _line.IsInUse;

    /// <summary>A STUN message with our fragment in it.</summary>
    public void ReceiveCheck(in StunMessage message, IDatagramEnd end, SocketAddress remote, in RemoteKey key)
    {
        Span<byte> answer = stackalloc byte[StunMessage.MaxLength];
        int length;
        lock (_gate)
        {
            length = _line.ReceiveCheck(message, end, remote, key, answer);
            Settle();
        }

        if (length > 0)
            end.Send(answer[..length], remote);
    }

    /// <summary>A DTLS datagram from a place where a check had come from.</summary>
    public void ReceiveDtls(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            _line.ReceiveDtls(datagram);
            Settle();
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
        if (_line.Selected is { } route)
            _srtp.SendRtp(buffer, length, route);
    }

    /// <summary>The same with RTCP.</summary>
    public void SendRtcp(Span<byte> buffer, int length)
    {
        if (_line.Selected is { } route)
            _srtp.SendRtcp(buffer, length, route);
    }

    /// <summary>Queues an event; without a data channel it is dropped.</summary>
    /// <returns>False when more waits than should; <see cref="IPeerOwner.OnRoom"/> follows.</returns>
    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            bool room = _line.Write(type, utf8Json);
            Settle();
            return room;
        }
    }

    /// <summary>Takes the events that the browser is not known to have got, as another line is to tell them.</summary>
    public IReadOnlyList<WrittenEvent> TakeUndelivered()
    {
        lock (_gate)
            return _line.TakeUndelivered();
    }

    /// <summary>Takes a new offer of the same browser: other credentials mean a restart of ICE. What is safe stays safe.</summary>
    /// <returns>Our credentials; null when the peer is over.</returns>
    public IceCredentials? Renegotiate(WebRtcOffer offer)
    {
        lock (_gate)
        {
            var local = _line.Renegotiate(offer);
            Settle();
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
            _line.Close(error, inOrder);
            Settle();
        }
    }

    /// <summary>Drops it without a word, as a network that fails does.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _line.Drop();
            Settle();
        }
    }

    /// <summary>Frees everything after <see cref="IPeerOwner.OnEnded"/>.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _line.Release();
            Settle();
        }
    }

    private void OnHandshakeFailed(string reason)
    {
        lock (_gate)
        {
            _line.End(PeerEnd.HandshakeFailed, reason);
            Settle();
        }
    }

    private void OnSecured(DtlsLink link, SrtpKeyingMaterial? keys)
    {
        lock (_gate)
        {
            // Before the owner hears of it, who sends at once.
            if (keys is not null && !_line.HasEnded)
                _srtp.Begin(keys);
            _line.Secure(link);
            Settle();
        }

        keys?.Dispose();
    }

    private void OnSignalsHaveRoom()
    {
        lock (_gate)
        {
            _line.Pump(_services.Now);
            Settle();
        }
    }

    private void OnTimer()
    {
        try
        {
            lock (_gate)
            {
                _timer.Disarm();
                _line.AdvanceTo(_services.Now);
                Settle();
            }
        }
        catch (Exception exception)
        {
            // A defect here must cost this call only.
            Log.TimerFailed(_services.Logger, exception);
            lock (_gate)
            {
                _line.End(PeerEnd.Fault, "internal error");
                Settle();
            }
        }
    }

    /// <summary>What follows from whatever happened to the line: another deadline, or that all is freed.</summary>
    private void Settle()
    {
        if (!_line.IsOver)
        {
            _timer.Arm(_line.NextDeadline);
            return;
        }

        if (_isFreed)
            return;
        _isFreed = true;
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
