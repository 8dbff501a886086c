using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>How an association begins, from either side or both, and begins anew (RFC 9260, section 5).</summary>
/// <remarks>
/// <code>
/// INIT ──►           the answering side keeps nothing: all is in the cookie, which comes back
///      ◄── INIT ACK
/// COOKIE ECHO ──►
///      ◄── COOKIE ACK
/// </code>
/// </remarks>
internal sealed class Handshake(TransmissionControlBlock block, Heartbeats heartbeats)
{
    private const ushort StaleCookie = 3;
    private const int CookieOverhead = SctpPacket.HeaderLength + SctpPacket.ChunkHead;
    private byte[] _peerCookie = [];

    /// <summary>Begins from our side.</summary>
    public void Connect(TimeSpan now)
    {
        block.Clear();
        block.LocalTag = block.Secrets.Next();
        block.LocalTsn = block.Secrets.Next();
        block.State = SctpState.CookieWait;
        SendInit();
        block.Timer.Start(now, WaitAfter(0));
    }

    public void OnInit(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!InitChunk.TryRead(body, out var init) || !init.IsValid)
            return;
        if (block.State == SctpState.ShutdownAckSent)
        {
            block.Send(SctpChunkType.ShutdownAck, []);
            return;
        }

        // Both at once (section 5.2.1): the numbers of our own INIT stand. Later (section 5.2.2), or at first: new ones, and the old tags to know a restart by.
        bool collision = block.State is SctpState.CookieWait or SctpState.CookieEchoed;
        bool known = block.State >= SctpState.CookieEchoed;
        var cookie = new StateCookie(
            collision ? block.LocalTag : block.Secrets.Next(), collision ? block.LocalTsn : block.Secrets.Next(), init.Tag, init.Tsn, init.Window,
            known ? block.LocalTag : 0, known ? block.PeerTag : 0, init.ResetsStreams, now);
        Span<byte> bytes = stackalloc byte[StateCookie.Length];
        cookie.Write(bytes, block.Secrets);
        block.Controls.Add(SctpChunkType.InitAck, 0, InitChunk.Build(cookie.LocalTag, cookie.LocalTsn, block.Options, bytes), init.Tag, isAlone: true);
    }

    public bool OnInitAck(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (block.State != SctpState.CookieWait)
            return true;
        if (!InitChunk.TryRead(body, out var init) || !init.IsValid || init.Cookie.Length == 0 || init.Cookie.Length > block.Options.PacketSize - CookieOverhead)
        {
            block.Close(SctpCloseReason.ProtocolViolation);
            return false;
        }

        MeasureAnswer(now);
        _peerCookie = init.Cookie.ToArray();
        block.Begin(init.Tag, init.Tsn, init.Window, init.ResetsStreams);
        block.State = SctpState.CookieEchoed;
        SendCookie();
        block.Timer.Start(now, WaitAfter(0));
        return true;
    }

    public bool OnCookieEcho(uint tag, ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (!StateCookie.TryRead(body, block.Secrets, out var cookie) || cookie.LocalTag != tag)
            return false;
        bool localMatches = block.State != SctpState.Closed && cookie.LocalTag == block.LocalTag;
        bool peerMatches = block.State != SctpState.Closed && cookie.PeerTag == block.PeerTag;
        if (now - cookie.MadeAt > block.Options.CookieLifetime && !(localMatches && peerMatches))
        {
            SendStaleCookie(cookie);
            return false;
        }

        // The table of section 5.2.4; a peer that we do not know yet comes first.
        if (block.State == SctpState.Closed)
        {
            Adopt(cookie, now);
        }
        else if (!localMatches && !peerMatches && cookie.LocalTieTag == block.LocalTag && cookie.PeerTieTag == block.PeerTag && cookie.LocalTieTag != 0)
        {
            if (block.State == SctpState.ShutdownAckSent)
            {
                block.Send(SctpChunkType.ShutdownAck, []);
                return false;
            }

            // A: the peer has begun anew.
            block.KeepMessages();
            block.Tell(new SctpEvent(SctpEventKind.Restarted));
            Adopt(cookie, now);
        }
        else if (localMatches && block.State is SctpState.CookieWait or SctpState.CookieEchoed)
        {
            // B, or D before our own cookie was acknowledged: both sides began at once.
            Adopt(cookie, now);
        }
        else if (!(localMatches && peerMatches))
        {
            // C: a cookie of before.
            return false;
        }

        block.Send(SctpChunkType.CookieAck, []);
        return true;
    }

    public void OnCookieAck(TimeSpan now)
    {
        if (block.State != SctpState.CookieEchoed)
            return;
        MeasureAnswer(now);
        Establish(now);
    }

    /// <summary>A cookie came back too late (section 5.2.6): begins again.</summary>
    public void OnError(ReadOnlySpan<byte> body, TimeSpan now)
    {
        if (block.State != SctpState.CookieEchoed || body.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(body) != StaleCookie)
            return;
        block.State = SctpState.CookieWait;
        block.Forget();
        SendInit();
        block.Timer.Start(now, WaitAfter(0));
    }

    /// <summary>T1 has run out.</summary>
    public void OnTimer(TimeSpan now)
    {
        if (block.State == SctpState.CookieWait)
            SendInit();
        else
            SendCookie();
        block.Timer.Again(now, WaitAfter);
    }

    private void Adopt(in StateCookie cookie, TimeSpan now)
    {
        block.Clear();
        block.LocalTag = cookie.LocalTag;
        block.LocalTsn = cookie.LocalTsn;
        // Our answer and the echo were one round trip, if the echo did not have to be sent again.
        if (now >= cookie.MadeAt && now - cookie.MadeAt < block.Options.RtoInitial)
            block.RoundTrip.Measure(now - cookie.MadeAt);
        block.Begin(cookie.PeerTag, cookie.PeerTsn, cookie.PeerWindow, cookie.PeerResetsStreams);
        Establish(now);
    }

    private void Establish(TimeSpan now)
    {
        block.State = SctpState.Established;
        block.Timer.Stop();
        _peerCookie = [];
        heartbeats.Start(now);
        block.Tell(new SctpEvent(SctpEventKind.Connected));
    }

    /// <summary>An answer to what was sent only once tells the round trip.</summary>
    private void MeasureAnswer(TimeSpan now)
    {
        if (block.Timer.Timeouts == 0)
            block.RoundTrip.Measure(now - block.Timer.StartedAt);
    }

    /// <summary>Doubles like any timer, but not for long: a small packet now and then is no load, and until it is answered nothing else goes on.</summary>
    private TimeSpan WaitAfter(int timeouts)
    {
        var wait = block.RoundTrip.Timeout(timeouts);
        return wait < block.Options.HandshakeRtoMax ? wait : block.Options.HandshakeRtoMax;
    }

    private void SendInit() =>
        block.Controls.Add(SctpChunkType.Init, 0, InitChunk.Build(block.LocalTag, block.LocalTsn, block.Options, []), tag: 0, isAlone: true);

    private void SendCookie() => block.Controls.Add(SctpChunkType.CookieEcho, 0, _peerCookie, block.PeerTag, isAlone: true);

    private void SendStaleCookie(in StateCookie cookie)
    {
        var body = new byte[8];
        SctpParameter.WriteHeader(body, StaleCookie, 4);
        block.Controls.Add(SctpChunkType.Error, 0, body, cookie.PeerTag, isAlone: true);
    }
}
