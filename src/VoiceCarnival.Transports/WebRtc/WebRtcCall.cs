using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>
/// One WebRTC call: the browser on one side, a session on the other. A call that comes back to a session takes it over once its line is up, so that the line before
/// goes on until then.
/// </summary>
internal sealed partial class WebRtcCall : IPeerOwner, IRtpLine, ICallControl
{
    /// <summary>Subprotocol of the data channel by which a caller asks for our own events.</summary>
    private const string Extensions = "voicecarnival";

    private readonly WebRtcCalls _calls;
    private readonly WebRtcAnswering _answering;
    private VoiceSession? _session;
    private VoiceConnection? _connection;
    private VoiceCall? _entry;
    // Until it is spent, by whoever takes it first: the line that is up, or the end of it.
    private string? _resumeToken;
    private volatile bool _isHeard;
    private volatile RtpConnection? _audio;
    private volatile bool _understandsExtensions;
    private bool _isSecured;
    private bool _isChannelOpen;

    /// <summary>Begins to wait for the browser.</summary>
    public WebRtcCall(string id, WebRtcOffer offer, WebRtcCalls calls)
    {
        Id = id;
        _calls = calls;
        _answering = new WebRtcAnswering();
        Peer = new WebRtcPeer(calls.Peers, offer, this);
    }

    /// <summary><c>rtc_…</c></summary>
    public string Id { get; }

    /// <summary>The browser.</summary>
    public WebRtcPeer Peer { get; }

    /// <inheritdoc/>
    public bool UnderstandsExtensions => _understandsExtensions;

    /// <summary>Answers the first offer.</summary>
    public bool TryAnswer(WebRtcOffer offer, IReadOnlyList<Protocols.Ice.IceCandidate> candidates, out ReadOnlyMemory<byte> answer, out SdpError? error) =>
        _answering.TryAnswer(offer, Peer.Local, _calls.Peers.Identity.Fingerprint, candidates, out answer, out error);

    /// <summary>Gives a new call its session. What the engine says waits until the browser is there.</summary>
    public void Begin(VoiceSession session, VoiceCall entry)
    {
        Attach(session, entry);
        _isHeard = true;
        session.Start(_connection!);
        // The engine took so long to open that the browser was given up meanwhile.
        if (Peer.HasEnded)
            session.Detach(_connection!, TerminationOf(PeerEnd.NeverCame), mayResume: false);
    }

    /// <summary>Lets a call come back to a session as soon as its line is up.</summary>
    /// <param name="session">The session.</param>
    /// <param name="token">The token for it, spent when the line is up.</param>
    /// <param name="entry">How the call is known.</param>
    public void Return(VoiceSession session, string token, VoiceCall entry)
    {
        _resumeToken = token;
        _understandsExtensions = true;
        Attach(session, entry);
    }

    /// <inheritdoc/>
    public void SendRtp(Span<byte> buffer, int length) => Peer.SendRtp(buffer, length);

    /// <inheritdoc/>
    public void SendRtcp(Span<byte> buffer, int length) => Peer.SendRtcp(buffer, length);

    /// <inheritdoc/>
    public bool SendEvent(string type, ReadOnlySpan<byte> utf8Json) => Peer.SendEvent(type, utf8Json);

    /// <inheritdoc/>
    public void TakeUndelivered(ServerEventSink events)
    {
        foreach (var written in Peer.TakeUndelivered())
        {
            if (!ServerEventTypes.IsOfOneLine(written.Type))
                events(written.Type, written.Utf8Json.Span);
        }
    }

    /// <inheritdoc/>
    public void Close(SessionTermination termination)
    {
        if (termination.Abrupt)
            Peer.Dispose();
        else
            // A channel that is closed first means: this is over. A line that breaks off without that may be tried again, which a restart is fit for.
            Peer.Close(termination.Error, inOrder: termination.Kind is not (TerminationKind.ServerShutdown or TerminationKind.CallerLost));
    }

    /// <inheritdoc/>
    public void OnSecured()
    {
        _isSecured = true;
        Continue();
    }

    /// <inheritdoc/>
    public void OnChannel(string protocol)
    {
        _isChannelOpen = true;
        if (protocol == Extensions && !_understandsExtensions)
        {
            _understandsExtensions = true;
            _session!.OfferResumption(_connection!);
        }

        Continue();
    }

    /// <inheritdoc/>
    public async ValueTask OnMessageAsync(ReadOnlyMemory<byte> utf8Json)
    {
        if (!_isHeard)
            return;
        try
        {
            await _session!.ReceiveEventAsync(utf8Json, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A defect here must cost this session only, and not leave it behind.
            Log.EventFailed(_calls.Logger, Id, exception);
            _session!.End(new SessionTermination(TerminationKind.ServerFault, "internal error",
                new RealtimeError(RealtimeError.ServerError, "internal_error", "The server had an error while processing your session. Open a new one.")));
        }
    }

    /// <inheritdoc/>
    public void OnRoom() => _session?.ResumeOutput();

    /// <inheritdoc/>
    public void OnRtp(ReadOnlySpan<byte> packet) => _audio?.ReceiveRtp(packet);

    /// <inheritdoc/>
    public void OnRtcp(ReadOnlySpan<byte> packet) => _audio?.ReceiveRtcp(packet);

    /// <inheritdoc/>
    public void OnEnded(PeerEnd end, string? detail)
    {
        Log.Ended(_calls.Logger, Id, end, detail);
        (_connection as RtpConnection)?.Stop();
        var termination = TerminationOf(end);
        if (TakeToken() is not null)
            Forget();
        else
            _session?.Detach(_connection!, termination, mayResume: _understandsExtensions && end is PeerEnd.HungUp or PeerEnd.Left or PeerEnd.Silent);
        Peer.Release();
    }

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> AcceptAsync(JsonElement session, CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(NotRinging);

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> RejectAsync(int statusCode, CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(NotRinging);

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> ReferAsync(string targetUri, CancellationToken cancellationToken) => ValueTask.FromResult<SessionRefusal?>(NotOnThePhone);

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> HangupAsync(CancellationToken cancellationToken)
    {
        // With a session it ends by that; a call that is still coming back to one has only its line.
        GiveUp();
        return ValueTask.FromResult<SessionRefusal?>(null);
    }

    /// <inheritdoc/>
    public ValueTask<CallRenegotiation> RenegotiateAsync(ReadOnlyMemory<byte> sdp, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_calls.Renegotiate(this, sdp));

    /// <summary>Ends a call that is still coming back; one that is there goes on.</summary>
    public void GiveUp()
    {
        if (TakeToken() is null)
            return;
        Forget();
        Peer.Close(null, inOrder: true);
    }

    /// <summary>Answers a further offer of the same browser.</summary>
    public CallRenegotiation Renegotiate(WebRtcOffer offer, IReadOnlyList<Protocols.Ice.IceCandidate> candidates)
    {
        var former = Peer.Offer;
        // All of them: one that is new beside one that is known could still be taken for the handshake.
        if (!offer.Fingerprints.All(print => former.Fingerprints.Any(known => known.ToString() == print.ToString())))
            return Refuse("The offer has another certificate (a=fingerprint) than the call. For another connection make another call.");
        if ((offer.Audio is null) != (former.Audio is null) || (offer.Data is null) != (former.Data is null))
            return Refuse("The offer must have the sections that the call has: audio and data channel can be neither added nor dropped.");
        if ((offer.Setup == SetupRole.Passive) != (former.Setup == SetupRole.Passive))
            return Refuse("a=setup must stay as it was: the connection that it is about stays the same.");
        if (offer.Audio is not null && offer.Description.DirectionOf(offer.Audio) != former.Description.DirectionOf(former.Audio!))
            return Refuse("The audio's direction must stay as it was. To be silent, disable the track.");
        if (!_answering.Fits(offer))
            return Refuse("The offer lacks the codec that the call uses.");
        if (Peer.Renegotiate(offer) is not { } local)
            return CallAccess.NotFound;
        return _answering.TryAnswer(offer, local, _calls.Peers.Identity.Fingerprint, candidates, out var answer, out var error)
            ? new CallRenegotiation(answer, null)
            : Refuse(error!.ToString());
    }

    private static CallRenegotiation Refuse(string message) => new SessionRefusal(400, RealtimeError.Invalid("invalid_offer", message, "sdp"));

    private void Attach(VoiceSession session, VoiceCall entry)
    {
        _session = session;
        _entry = entry;
        _connection = _answering.Audio is { } audio ? _calls.Media.Connect(WebRtcCalls.TransportId, session, audio, this) : new EventsConnection(this);
    }

    /// <summary>It never got to its session.</summary>
    private void Forget()
    {
        (_connection as RtpConnection)?.Stop();
        if (_entry is not null)
            _calls.Forget(this, _session!, _entry);
    }

    /// <summary>Goes on as far as the line is up: a new call when it is safe, one that comes back when its channel is open as well.</summary>
    private void Continue()
    {
        if (!_isSecured || (_resumeToken is not null && !_isChannelOpen && Peer.Offer.Data is not null))
            return;
        if (TakeToken() is { } token)
        {
            if (!_calls.TryReturn(this, _session!, token, _connection!, _entry!))
            {
                Forget();
                Peer.Close(RealtimeError.Invalid("resume_failed", "The session to come back to has just ended. Open a new one."), inOrder: true);
                return;
            }

            _isHeard = true;
        }

        if (_audio is null && _connection is RtpConnection audio)
        {
            audio.Begin();
            _audio = audio;
        }
    }

    private string? TakeToken() => Interlocked.Exchange(ref _resumeToken, null);

    private static SessionTermination TerminationOf(PeerEnd end) => end switch
    {
        PeerEnd.HungUp or PeerEnd.Left => SessionTermination.CallerClosed,
        PeerEnd.NeverCame => new SessionTermination(TerminationKind.CallerLost, "the browser never got through"),
        PeerEnd.HandshakeFailed => new SessionTermination(TerminationKind.CallerFault, "the DTLS handshake failed"),
        PeerEnd.TooSlow => new SessionTermination(TerminationKind.SlowReader, "the caller did not read what was sent"),
        PeerEnd.Fault => new SessionTermination(TerminationKind.CallerFault, "the caller broke the rules of SCTP"),
        _ => new SessionTermination(TerminationKind.CallerLost, "nothing came from the browser any more"),
    };

    private static SessionRefusal NotRinging { get; } = new(409, RealtimeError.Invalid("call_not_ringing",
        "This is a WebRTC call, which began when it was answered. Only phone calls can be accepted or rejected.", "call_id"));

    private static SessionRefusal NotOnThePhone { get; } = new(409, RealtimeError.Invalid("call_not_referable",
        "This is a WebRTC call. Only phone calls can be handed over to somebody else.", "call_id"));

    private static partial class Log
    {
        [LoggerMessage(4031, LogLevel.Debug, "The line of WebRTC call {CallId} ended: {End} {Detail}")]
        public static partial void Ended(ILogger logger, string callId, PeerEnd end, string? detail);

        [LoggerMessage(4032, LogLevel.Error, "An event of WebRTC call {CallId} could not be dealt with")]
        public static partial void EventFailed(ILogger logger, string callId, Exception exception);
    }
}
