using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>
/// One SCTP association (RFC 9260) over a line that carries datagrams, such as DTLS (RFC 8261): handshake from either side, ordered reliable streams, stream
/// reset, shutdown. Bytes and time in; bytes, events and the next deadline out. Not thread-safe.
/// </summary>
/// <remarks>
/// After each input take all events with <see cref="TryTakeEvent"/>, then all packets with <see cref="TryTakeTransmit"/>; messages not taken close the window
/// that the peer may send into. Packets that make no sense are dropped; what breaks the protocol ends the association with an event, never with an exception.
/// </remarks>
public sealed class SctpAssociation
{
    /// <summary>Random bytes that the constructor wants.</summary>
    public const int EntropyLength = 32;

    private const byte TagReflected = 1;
    private const ushort StaleCookie = 3;
    private const ushort UserAbort = 12;
    private const ushort ProtocolViolation = 13;
    private const int MaxControls = 16;
    private readonly SctpOptions _options;
    private readonly SctpSecrets _secrets;
    private readonly Queue<Control> _controls = new();
    private readonly Queue<SctpEvent> _events = new();
    private RoundTripEstimate _roundTrip;
    private OutboundData? _outbound;
    private InboundData? _inbound;
    private StreamResets? _resets;
    private uint _localTag;
    private uint _localTsn;
    private uint _peerTag;
    private byte[] _peerCookie = [];
    private bool _peerResetsStreams;
    // T1 of the handshake and T2 of the shutdown: only one of them runs.
    private TimeSpan? _timer;
    private int _timeouts;
    private TimeSpan? _heartbeat;
    private uint _heartbeatNonce;
    private int _heartbeatsUnanswered;

    /// <summary>Begins closed. A peer that connects is answered; to connect ourselves there is <see cref="Connect"/>.</summary>
    /// <param name="options">Sizes and times.</param>
    /// <param name="entropy"><see cref="EntropyLength"/> bytes of a cryptographic generator.</param>
    public SctpAssociation(SctpOptions options, ReadOnlySpan<byte> entropy)
    {
        if (entropy.Length < EntropyLength)
            throw new ArgumentException($"An association takes {EntropyLength} random bytes.", nameof(entropy));
        _options = options;
        _secrets = new SctpSecrets(entropy);
        _roundTrip = new RoundTripEstimate(options);
    }

    /// <summary>How far it is.</summary>
    public SctpState State { get; private set; }

    /// <summary>Bytes that are not acknowledged yet, sent or not.</summary>
    public int BufferedAmount => _outbound?.Buffered ?? 0;

    /// <summary>The round trip, smoothed; null before the first measurement.</summary>
    public TimeSpan? RoundTrip => _roundTrip.Smoothed;

    /// <summary>DATA chunks sent again, in this association.</summary>
    public long Retransmissions => _outbound?.Resent ?? 0;

    /// <summary>When <see cref="AdvanceTo"/> is due; null when nothing is waited for.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            var next = Earlier(_timer, _heartbeat);
            next = Earlier(next, _outbound?.Deadline);
            next = Earlier(next, _inbound?.SackDeadline);
            return Earlier(next, _resets?.Deadline);
        }
    }

    /// <summary>Begins the handshake from our side. Does nothing unless closed.</summary>
    public void Connect(TimeSpan now)
    {
        if (State != SctpState.Closed)
            return;
        Reset();
        _localTag = _secrets.Next();
        _localTsn = _secrets.Next();
        State = SctpState.CookieWait;
        SendInit();
        StartTimer(now);
    }

    /// <summary>Takes a message to be sent in order on a stream.</summary>
    /// <returns>
    /// False when nothing can be sent now: not connected, too much is waiting, or a reset of the stream is not through (RFC 6525, section 5.1.2). Try again when
    /// <see cref="BufferedAmount"/> has gone down.
    /// </returns>
    /// <exception cref="ArgumentException">The message is empty, which SCTP cannot carry.</exception>
    public bool TrySend(ushort stream, uint payloadProtocol, ReadOnlySpan<byte> message)
    {
        if (message.Length == 0)
            throw new ArgumentException("SCTP carries no empty messages.", nameof(message));
        return State == SctpState.Established && !_resets!.IsPending(stream) && _outbound!.TryAdd(stream, payloadProtocol, message, ordered: true);
    }

    /// <summary>Resets our side of a stream once all that is queued for it has been sent. Does nothing unless connected to a peer that can.</summary>
    /// <returns>Whether <see cref="SctpEventKind.StreamResetDone"/> will follow.</returns>
    public bool ResetStream(ushort stream)
    {
        if (State != SctpState.Established || !_peerResetsStreams)
            return false;
        _resets!.Add(stream);
        return true;
    }

    /// <summary>Whether a reset of a stream of ours has not been answered yet.</summary>
    internal bool IsResetPending(ushort stream) => _resets is not null && _resets.IsPending(stream);

    /// <summary>Ends in order: sends what is queued, takes nothing more.</summary>
    public void Shutdown(TimeSpan now)
    {
        if (State is SctpState.CookieWait or SctpState.CookieEchoed)
        {
            Abort();
        }
        else if (State == SctpState.Established)
        {
            State = SctpState.ShutdownPending;
            ContinueShutdown(now);
        }
    }

    /// <summary>Ends at once, and tells the peer.</summary>
    public void Abort() => Abort(UserAbort, SctpCloseReason.Aborted);

    /// <summary>Takes the next event.</summary>
    public bool TryTakeEvent(out SctpEvent next)
    {
        // Messages fill the window until they are taken, so those of the present association are kept with it.
        return _events.TryDequeue(out next) || (_inbound is not null && _inbound.TryTake(out next));
    }

    /// <summary>Receives a packet.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        if (!SctpPacket.TryRead(bytes, out var packet) || packet.SourcePort != _options.RemotePort || packet.DestinationPort != _options.LocalPort)
            return;
        bool hasData = false;
        bool first = true;
        foreach (var chunk in packet)
        {
            if (!IsTagRight(packet.VerificationTag, chunk))
                return;
            // INIT stands alone (section 3); what would follow it was not meant.
            if (chunk.Type == SctpChunkType.Init)
            {
                if (first)
                    OnInit(chunk.Body, now);
                return;
            }

            hasData |= chunk.Type == SctpChunkType.Data;
            if (!Receive(packet.VerificationTag, chunk, now))
                return;
            first = false;
        }

        if (hasData)
            _inbound?.OnPacket(now);
        // A peer that sends is there.
        if (_heartbeat is not null && _heartbeatsUnanswered == 0)
            _heartbeat = now + _options.HeartbeatInterval;
        ContinueShutdown(now);
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceTo(TimeSpan now)
    {
        if (now >= _timer)
            OnTimer(now);
        if (now >= _outbound?.Deadline)
        {
            _outbound.OnTimeout(now);
            GiveUpAfter(_outbound.Unanswered);
        }

        if (now >= _resets?.Deadline)
        {
            _resets.OnTimeout();
            GiveUpAfter(_resets.Timeouts);
        }

        if (now >= _heartbeat)
            OnHeartbeatDue(now);
    }

    /// <summary>Writes the next packet to be sent.</summary>
    /// <param name="now">The caller's clock.</param>
    /// <param name="buffer">Where to; at least <see cref="SctpOptions.PacketSize"/> bytes.</param>
    /// <param name="length">Bytes of the packet.</param>
    /// <returns>False when there is nothing to send now.</returns>
    public bool TryTakeTransmit(TimeSpan now, Span<byte> buffer, out int length)
    {
        length = 0;
        uint tag = _controls.TryPeek(out var control) ? control.Tag : _peerTag;
        var writer = new SctpPacketWriter(buffer[.._options.PacketSize], _options.LocalPort, _options.RemotePort, tag);
        while (_controls.TryPeek(out control) && control.Tag == tag && (writer.IsEmpty || !control.IsAlone))
        {
            if (!writer.TryAdd(control.Type, control.Flags, control.Body) && !writer.IsEmpty)
                break;
            _controls.Dequeue();
            if (control.IsAlone)
                break;
        }

        if (control is not { IsAlone: true } && tag == _peerTag && _inbound is not null && _outbound is not null && State >= SctpState.Established)
        {
            // Where a packet goes out anyway, what is owed rides along, in front of the data.
            if (_inbound.OwesSack(now) || (_inbound.SackDeadline is not null && _outbound.HasWork))
                _inbound.WriteSack(ref writer);
            if (State is SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownReceived)
            {
                _resets!.Write(ref writer, _outbound, now, _roundTrip);
                _outbound.Write(ref writer, now);
            }
        }

        if (writer.IsEmpty)
            return false;
        length = writer.Finish();
        return true;
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;

    /// <summary>Section 8.5: only packets of this association count; a few chunks come without one.</summary>
    private bool IsTagRight(uint tag, in SctpPacket.Chunk chunk) => chunk.Type switch
    {
        SctpChunkType.Init => tag == 0,
        SctpChunkType.CookieEcho => true, // compared with the cookie's own
        SctpChunkType.ShutdownAck when State == SctpState.Closed => true, // our last word was lost: it is repeated
        SctpChunkType.Abort or SctpChunkType.ShutdownComplete => State != SctpState.Closed && tag == ((chunk.Flags & TagReflected) != 0 ? _peerTag : _localTag) && tag != 0,
        _ => State != SctpState.Closed && tag == _localTag,
    };

    private bool Receive(uint tag, in SctpPacket.Chunk chunk, TimeSpan now)
    {
        switch (chunk.Type)
        {
            case SctpChunkType.Data:
                return OnData(chunk);
            case SctpChunkType.InitAck:
                return OnInitAck(chunk.Body, now);
            case SctpChunkType.Sack:
                return _outbound is null || _outbound.OnSack(chunk.Body, now) || Violate();
            case SctpChunkType.Heartbeat:
                Send(SctpChunkType.HeartbeatAck, chunk.Body);
                return true;
            case SctpChunkType.HeartbeatAck:
                OnHeartbeatAck(chunk.Body, now);
                return true;
            case SctpChunkType.Abort:
                Close(SctpCloseReason.AbortedByPeer);
                return false;
            case SctpChunkType.Shutdown:
                return OnShutdown(chunk.Body, now);
            case SctpChunkType.ShutdownAck:
                return OnShutdownAck(tag);
            case SctpChunkType.ShutdownComplete:
                if (State == SctpState.ShutdownAckSent)
                    Close(SctpCloseReason.Shutdown);
                return false;
            case SctpChunkType.Error:
                return OnError(chunk.Body, now);
            case SctpChunkType.CookieEcho:
                return OnCookieEcho(tag, chunk.Body, now);
            case SctpChunkType.CookieAck:
                if (State == SctpState.CookieEchoed)
                    Establish(now);
                return true;
            case SctpChunkType.ReConfig:
                OnReConfig(chunk.Body, now);
                return true;
            default:
                // Section 3.2: the highest bit set means skip it, clear means that the rest of the packet is not to be read.
                return ((byte)chunk.Type & 0x80) != 0;
        }
    }

    private bool OnData(in SctpPacket.Chunk chunk)
    {
        if (State is not (SctpState.Established or SctpState.ShutdownPending or SctpState.ShutdownSent))
            return true;
        return _inbound!.Receive(chunk.Flags, chunk.Body) || Violate();
    }

    // Handshake, section 5.

    private void OnInit(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!InitChunk.TryRead(body, out var init) || !init.IsValid)
            return;
        if (State == SctpState.ShutdownAckSent)
        {
            Send(SctpChunkType.ShutdownAck, []);
            return;
        }

        // Both at once (section 5.2.1): the numbers of our own INIT stand. Later (section 5.2.2), or at first: new ones, and the old tags to know a restart by.
        bool collision = State is SctpState.CookieWait or SctpState.CookieEchoed;
        bool known = State >= SctpState.Established;
        var cookie = new StateCookie(
            collision ? _localTag : _secrets.Next(), collision ? _localTsn : _secrets.Next(), init.Tag, init.Tsn, init.Window,
            known || State == SctpState.CookieEchoed ? _localTag : 0, known || State == SctpState.CookieEchoed ? _peerTag : 0, init.ResetsStreams, now);
        Span<byte> bytes = stackalloc byte[StateCookie.Length];
        cookie.Write(bytes, _secrets);
        Enqueue(new Control(SctpChunkType.InitAck, 0, InitChunk.Build(cookie.LocalTag, cookie.LocalTsn, _options, bytes), init.Tag, IsAlone: true));
    }

    private bool OnInitAck(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (State != SctpState.CookieWait)
            return true;
        if (!InitChunk.TryRead(body, out var init) || !init.IsValid || init.Cookie.Length == 0 || init.Cookie.Length > _options.PacketSize - 16)
        {
            Close(SctpCloseReason.ProtocolViolation);
            return false;
        }

        _peerCookie = init.Cookie.ToArray();
        Begin(init.Tag, init.Tsn, init.Window, init.ResetsStreams);
        State = SctpState.CookieEchoed;
        _timeouts = 0;
        SendCookie();
        StartTimer(now);
        return true;
    }

    private bool OnCookieEcho(uint tag, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!StateCookie.TryRead(body, _secrets, out var cookie) || cookie.LocalTag != tag)
            return false;
        bool localMatches = State != SctpState.Closed && cookie.LocalTag == _localTag;
        bool peerMatches = State != SctpState.Closed && cookie.PeerTag == _peerTag;
        if (now - cookie.MadeAt > _options.CookieLifetime && !(localMatches && peerMatches))
        {
            SendStaleCookie(cookie);
            return false;
        }

        // The table of section 5.2.4; a peer that we do not know yet comes first.
        if (State == SctpState.Closed)
        {
            Adopt(cookie, now);
        }
        else if (!localMatches && !peerMatches && cookie.LocalTieTag == _localTag && cookie.PeerTieTag == _peerTag && cookie.LocalTieTag != 0)
        {
            if (State == SctpState.ShutdownAckSent)
            {
                Send(SctpChunkType.ShutdownAck, []);
                return false;
            }

            // A: the peer has begun anew.
            KeepMessages();
            _events.Enqueue(new SctpEvent(SctpEventKind.Restarted));
            State = SctpState.Closed;
            Adopt(cookie, now);
        }
        else if (localMatches && State is SctpState.CookieWait or SctpState.CookieEchoed)
        {
            // B, or D before our own cookie was acknowledged: both sides began at once.
            Adopt(cookie, now);
        }
        else if (!(localMatches && peerMatches))
        {
            // C: a cookie of before.
            return false;
        }

        Send(SctpChunkType.CookieAck, []);
        return true;
    }

    private void Adopt(in StateCookie cookie, TimeSpan now)
    {
        Reset();
        _localTag = cookie.LocalTag;
        _localTsn = cookie.LocalTsn;
        Begin(cookie.PeerTag, cookie.PeerTsn, cookie.PeerWindow, cookie.PeerResetsStreams);
        Establish(now);
    }

    private void Begin(uint peerTag, uint peerTsn, uint peerWindow, bool peerResetsStreams)
    {
        _peerTag = peerTag;
        _peerResetsStreams = peerResetsStreams;
        _outbound = new OutboundData(_options, _localTsn, peerWindow, _roundTrip);
        _inbound = new InboundData(_options, peerTsn);
        _resets = new StreamResets(_localTsn, peerTsn);
    }

    private void Establish(TimeSpan now)
    {
        State = SctpState.Established;
        _timer = null;
        _timeouts = 0;
        _peerCookie = [];
        _heartbeat = now + _options.HeartbeatInterval;
        _events.Enqueue(new SctpEvent(SctpEventKind.Connected));
    }

    private bool OnError(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (State == SctpState.CookieEchoed && body.Length >= 2 && BinaryPrimitives.ReadUInt16BigEndian(body) == StaleCookie)
        {
            // Section 5.2.6: begin again.
            State = SctpState.CookieWait;
            _peerTag = 0;
            _outbound = null;
            _inbound = null;
            _resets = null;
            SendInit();
            StartTimer(now);
        }

        return true;
    }

    // Streams, heartbeats, shutdown.

    private void OnReConfig(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (State is not (SctpState.Established or SctpState.ShutdownPending))
            return;
        List<ushort> byPeer = [], byUs = [];
        Span<byte> answer = stackalloc byte[24];
        _resets!.Receive(body, _inbound!.Cumulative, ref answer, byPeer, byUs);
        if (answer.Length > 0)
            Send(SctpChunkType.ReConfig, answer);
        foreach (ushort stream in byUs)
        {
            _outbound!.ResetStream(stream);
            _inbound.Add(new SctpEvent(SctpEventKind.StreamResetDone, stream));
        }

        foreach (ushort stream in byPeer)
            _inbound.Add(new SctpEvent(SctpEventKind.StreamReset, stream));
    }

    private void OnHeartbeatDue(TimeSpan now)
    {
        if (_heartbeatsUnanswered > 0)
            GiveUpAfter(_heartbeatsUnanswered);
        if (State == SctpState.Closed)
            return;
        _heartbeatsUnanswered++;
        _heartbeatNonce = _secrets.Next();
        Span<byte> info = stackalloc byte[SctpParameter.HeaderLength + 12];
        SctpParameter.WriteHeader(info, 1, 12);
        BinaryPrimitives.WriteInt64BigEndian(info[4..], now.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(info[12..], _heartbeatNonce);
        Send(SctpChunkType.Heartbeat, info);
        _heartbeat = now + _roundTrip.Timeout(_heartbeatsUnanswered);
    }

    private void OnHeartbeatAck(ReadOnlySpan<byte> info, TimeSpan now)
    {
        if (_heartbeatsUnanswered == 0 || info.Length < 16 || BinaryPrimitives.ReadUInt32BigEndian(info[12..]) != _heartbeatNonce)
            return;
        var sent = new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(info[4..]));
        if (sent <= now && now - sent < _options.HeartbeatInterval)
            _roundTrip.Measure(now - sent);
        _heartbeatsUnanswered = 0;
        _heartbeat = now + _options.HeartbeatInterval;
    }

    private bool OnShutdown(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (body.Length < 4 || State < SctpState.Established)
            return true;
        if (State == SctpState.ShutdownSent)
        {
            // Both at once (section 9.2).
            State = SctpState.ShutdownAckSent;
            Send(SctpChunkType.ShutdownAck, []);
            StartTimer(now);
            return true;
        }

        if (!_outbound!.OnCumulative(BinaryPrimitives.ReadUInt32BigEndian(body), now))
            return Violate();
        if (State is SctpState.Established or SctpState.ShutdownPending)
            State = SctpState.ShutdownReceived;
        return true;
    }

    private bool OnShutdownAck(uint tag)
    {
        if (State == SctpState.Closed)
            Enqueue(new Control(SctpChunkType.ShutdownComplete, TagReflected, [], tag, IsAlone: true));
        if (State is SctpState.ShutdownSent or SctpState.ShutdownAckSent)
        {
            Enqueue(new Control(SctpChunkType.ShutdownComplete, 0, [], _peerTag, IsAlone: true));
            Close(SctpCloseReason.Shutdown);
        }

        return false;
    }

    /// <summary>The next step of a shutdown, once everything has been acknowledged.</summary>
    private void ContinueShutdown(TimeSpan now)
    {
        if (State is not (SctpState.ShutdownPending or SctpState.ShutdownReceived) || !_outbound!.IsEmpty)
            return;
        State = State == SctpState.ShutdownPending ? SctpState.ShutdownSent : SctpState.ShutdownAckSent;
        SendShutdown();
        StartTimer(now);
    }

    private void SendShutdown()
    {
        if (State == SctpState.ShutdownAckSent)
        {
            Send(SctpChunkType.ShutdownAck, []);
            return;
        }

        Span<byte> cumulative = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(cumulative, _inbound!.Cumulative);
        Send(SctpChunkType.Shutdown, cumulative);
    }

    private void OnTimer(TimeSpan now)
    {
        _timeouts++;
        GiveUpAfter(_timeouts);
        switch (State)
        {
            case SctpState.CookieWait:
                SendInit();
                break;
            case SctpState.CookieEchoed:
                SendCookie();
                break;
            case SctpState.ShutdownSent or SctpState.ShutdownAckSent:
                SendShutdown();
                break;
            default:
                _timer = null;
                return;
        }

        StartTimer(now);
    }

    private void StartTimer(TimeSpan now) => _timer = now + _roundTrip.Timeout(_timeouts);

    private void GiveUpAfter(int timeouts)
    {
        if (timeouts > _options.MaxRetransmissions && State != SctpState.Closed)
            Abort(ProtocolViolation, SctpCloseReason.Timeout);
    }

    private bool Violate()
    {
        Abort(ProtocolViolation, SctpCloseReason.ProtocolViolation);
        return false;
    }

    private void Abort(ushort cause, SctpCloseReason reason)
    {
        if (State == SctpState.Closed)
            return;
        Span<byte> body = stackalloc byte[SctpParameter.HeaderLength];
        SctpParameter.WriteHeader(body, cause, 0);
        uint tag = _peerTag;
        Close(reason);
        _controls.Clear();
        if (tag != 0)
            Enqueue(new Control(SctpChunkType.Abort, 0, body.ToArray(), tag, IsAlone: true));
    }

    private void Close(SctpCloseReason reason)
    {
        KeepMessages();
        var goodbye = _controls.LastOrDefault();
        Reset();
        if (reason == SctpCloseReason.Shutdown && goodbye is { Type: SctpChunkType.ShutdownComplete })
            Enqueue(goodbye);
        State = SctpState.Closed;
        _events.Enqueue(new SctpEvent(SctpEventKind.Closed, Reason: reason));
    }

    /// <summary>Whole messages that came before the end are still to be taken.</summary>
    private void KeepMessages()
    {
        while (_inbound is not null && _inbound.TryTake(out var message))
            _events.Enqueue(message);
    }

    private void Reset()
    {
        _controls.Clear();
        _roundTrip = new RoundTripEstimate(_options);
        _outbound = null;
        _inbound = null;
        _resets = null;
        _localTag = _peerTag = 0;
        _timer = _heartbeat = null;
        _timeouts = _heartbeatsUnanswered = 0;
        _peerCookie = [];
    }

    private void SendInit() => Enqueue(new Control(SctpChunkType.Init, 0, InitChunk.Build(_localTag, _localTsn, _options, []), 0, IsAlone: true));

    private void SendCookie() => Enqueue(new Control(SctpChunkType.CookieEcho, 0, _peerCookie, _peerTag, IsAlone: true));

    private void SendStaleCookie(in StateCookie cookie)
    {
        var body = new byte[8];
        SctpParameter.WriteHeader(body, StaleCookie, 4);
        Enqueue(new Control(SctpChunkType.Error, 0, body, cookie.PeerTag, IsAlone: true));
    }

    private void Send(SctpChunkType type, ReadOnlySpan<byte> body)
    {
        // What a peer sent comes back, if it is as long as we may send.
        if (body.Length <= _options.PacketSize - SctpPacket.HeaderLength - SctpPacket.ChunkHead)
            Enqueue(new Control(type, 0, body.ToArray(), _peerTag, IsAlone: false));
    }

    /// <summary>What is not taken away is dropped: floods of requests get no more answers than that.</summary>
    private void Enqueue(Control control)
    {
        if (_controls.Count < MaxControls)
            _controls.Enqueue(control);
    }

    private sealed record Control(SctpChunkType Type, byte Flags, byte[] Body, uint Tag, bool IsAlone);
}
