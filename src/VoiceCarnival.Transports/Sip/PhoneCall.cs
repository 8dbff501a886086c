using System.Text.Json;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// One phone call: the peer on one side, a session on the other. What the user agent tells comes under the server's lock and is only noted; it is worked on one thing after the
/// other, without that lock.
/// </summary>
internal sealed partial class PhoneCall
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);
    private static readonly byte[] Greeting = """{"type":"response.create"}"""u8.ToArray();
    private readonly SipCalls _calls;
    private readonly SerialWork _work;
    private readonly List<string> _sipCallIds = [];
    private SipLeg? _leg;
    private SipLeg? _next;
    private RtpConnection? _connection;
    private VoiceSession? _session;
    private bool _hasGreeted;
    private bool _isOver;

    /// <summary>Begins.</summary>
    /// <param name="calls">Where it belongs.</param>
    /// <param name="agent">Who speaks for us.</param>
    /// <param name="isIncoming">The peer calls.</param>
    /// <param name="from">Who calls.</param>
    /// <param name="to">Who is called.</param>
    public PhoneCall(SipCalls calls, SipAgentOptions agent, bool isIncoming, string from, string to)
    {
        (_calls, Agent, IsIncoming, From, To) = (calls, agent, isIncoming, from, to);
        StartedAt = calls.Time.GetUtcNow();
        _work = new SerialWork(OnFailed);
        Entry = new VoiceCall(Id, SipCalls.TransportId, Sessions.Access.Caller.Anonymous, this);
    }

    /// <summary><c>rtc_…</c></summary>
    public string Id { get; } = RealtimeIds.New("rtc");

    public SipAgentOptions Agent { get; }

    public bool IsIncoming { get; }

    public string From { get; }

    public string To { get; }

    public DateTimeOffset StartedAt { get; }

    /// <summary>How the call is known to the API.</summary>
    public VoiceCall Entry { get; }

    public PhoneCallProgress Progress { get; } = new();

    /// <summary>An application decides on it.</summary>
    public HostedDecision? Hosted { get; set; }

    /// <summary>What names it on the wire, with those of calls it moved to.</summary>
    public IReadOnlyList<string> SipCallIds
    {
        get
        {
            lock (_sipCallIds)
                return [.. _sipCallIds];
        }
    }

    /// <summary>Something has happened.</summary>
    /// <param name="state">As in <see cref="PhoneCallEvent.State"/>.</param>
    /// <param name="status">The SIP status that goes with it; 0 when there is none.</param>
    /// <param name="reason">Its phrase.</param>
    /// <param name="isLast">Nothing more will.</param>
    /// <param name="isAskedFor">It came of what was asked of the call: sidebands are told, as they are of all that happens to calls of ours.</param>
    public void Note(string state, int status, string reason, bool isLast = false, bool isAskedFor = false)
    {
        Progress.Add(new PhoneCallEvent(state, status, reason, _calls.Time.GetUtcNow()), isLast);
        if ((!IsIncoming || isAskedFor) && _session is { } session)
            session.Announce(PhoneEvents.ProgressType, PhoneEvents.Progress(Id, state, status, reason), isState: true);
    }

    /// <summary>A transfer came to nothing; the call goes on.</summary>
    public void NoteFailedTransfer(int status, string reason)
    {
        Note("transferring", status, reason, isAskedFor: true);
        Note("answered", 200, "OK", isAskedFor: true);
    }

    public PhoneCallInfo Describe()
    {
        var last = Progress.Last;
        return new PhoneCallInfo(
            Id, _session?.Id, IsIncoming ? "in" : "out", From, To, Agent.Name, last?.State ?? "ringing", last?.Status ?? 0, last?.Reason ?? "", StartedAt,
            SipCallIds is [.., var sipCallId] ? sipCallId : "", _leg?.Call.Agreement?.LocalCrypto is not null, _leg?.Connection?.Media);
    }

    /// <summary>Takes the place of a leg that there is not yet: the call that came, or the one that was made.</summary>
    public void Take(SipLeg leg)
    {
        _leg = leg;
        AddId(leg.Call.CallId);
    }

    /// <summary>Does something for the call, behind what waits.</summary>
    public void Post(Func<Task> work) => _work.Post(work);

    /// <summary>Ends it, in whatever state it is.</summary>
    public void HangUp() => _calls.Server!.Do((_, now) =>
    {
        _next?.Call.HangUp(now);
        _leg?.Call.HangUp(now);
    });

    /// <summary>Answers: opens the session, then the line.</summary>
    /// <param name="fields">Session fields that are asked for over the agent's; undefined for none.</param>
    /// <param name="mayAskAgain">Fields that the engine does not take leave the call ringing.</param>
    public async Task<SessionRefusal?> AnswerAsync(JsonElement fields, bool mayAskAgain = false)
    {
        if (_isOver || _leg is not { } leg)
            return CallAccess.NotFound;
        var offer = leg.Call.Offer;
        var codec = offer is null ? null : AudioNegotiation.Choose(offer, SipServer.Codecs, _calls.Options.Srtp);
        if (await OpenSessionAsync(leg, codec, fields) is { } refusal)
        {
            if (!mayAskAgain || refusal.Status is not (400 or 422))
                Refuse(leg, refusal.Status == 429 ? 486 : 503);
            return refusal;
        }

        if (leg.OpenToAnswer(_calls) is not { } audio)
        {
            Refuse(leg, 503);
            _session!.End(new SessionTermination(TerminationKind.Operator, "no media port is free"));
            return NoPort;
        }

        _calls.Server!.Do((_, now) => leg.Call.Accept(audio, now));
        return null;
    }

    /// <summary>Opens the session of a call of ours, before anybody is called.</summary>
    public Task<SessionRefusal?> OpenSessionAsync(JsonElement fields) => OpenSessionAsync(null, null, fields);

    /// <summary>A call of ours rings, be it on behalf of the peer.</summary>
    public void OnProgress(SipLeg leg, int status, string reason) => Note(leg == _next ? "transferring" : "ringing", status, reason);

    /// <summary>Something was agreed on.</summary>
    public void OnMedia(SipLeg leg, AudioAgreement agreement)
    {
        if (!IsIncoming && leg == _leg && leg.Call.State == SipCallState.Ringing)
            Note("early_media", 183, "Session Progress");
        Post(() => ApplyAsync(leg, agreement));
    }

    /// <summary>Both sides talk.</summary>
    public void OnEstablished(SipLeg leg)
    {
        if (leg == _next)
        {
            _leg!.Call.ReportTransfer(200, _calls.Server!.Time);
            Note("answered", 200, "OK");
            Post(() => MoveAsync(leg));
            return;
        }

        Note("answered", 200, "OK");
        if (!IsIncoming)
            Post(GreetAsync);
    }

    /// <summary>A leg is over.</summary>
    public void OnEnded(SipLeg leg, int status, string reason)
    {
        if (leg == _next)
        {
            _leg?.Call.ReportTransfer(status < 300 ? 487 : status, _calls.Server!.Time);
            _next = null;
            if (!leg.Call.IsIncoming)
                NoteFailedTransfer(status, reason);
            Post(() => leg.CloseAsync(null));
        }
        else if (leg == _leg && _next is { Call.State: SipCallState.Answered or SipCallState.Established } next && next.Call.Replaces == leg.Call)
        {
            // Taken over by the call that was accepted in its place.
            (_leg, _next) = (next, null);
            leg.GiveUp();
            Post(() => leg.CloseAsync(null));
        }
        else if (leg == _leg)
        {
            Note("ended", status, reason, isLast: true);
            Hosted?.Abandon();
            Post(() => EndAsync(leg));
        }
        else
        {
            Post(() => leg.CloseAsync(null));
        }
    }

    /// <summary>A key by INFO.</summary>
    public void OnInfo(SipLeg leg, string type, ReadOnlyMemory<byte> body)
    {
        if (KeypadInfo.Read(type, body.Span) is { } key)
            Post(() => Press(leg, key));

        static Task Press(SipLeg leg, char key)
        {
            leg.Connection?.PressKey(key);
            return Task.CompletedTask;
        }
    }

    /// <summary>Another way is tried after one that failed.</summary>
    public void Replace(SipLeg leg)
    {
        if (_leg is { } failed)
            Post(() => failed.CloseAsync(null));
        Take(leg);
    }

    /// <summary>Another call is to take the place of this one: one that the peer asked us to make, or one that came with <c>Replaces</c>.</summary>
    /// <returns>False when there is one already.</returns>
    public bool TryFollow(SipLeg leg)
    {
        if (_next is not null || _leg is null)
            return false;
        Follow(leg);
        return true;
    }

    /// <summary>The peer asked us to call somebody else, and that is under way.</summary>
    public void Follow(SipLeg leg)
    {
        _next = leg;
        if (!leg.Call.IsIncoming)
            Note("transferring", 100, "Trying");
        AddId(leg.Call.CallId);
    }

    private void AddId(string callId)
    {
        lock (_sipCallIds)
            _sipCallIds.Add(callId);
        _calls.Trace.Follow(callId);
    }

    private async Task<SessionRefusal?> OpenSessionAsync(SipLeg? leg, RtpCodec? codec, JsonElement fields)
    {
        var known = codec is null ? null : AudioCodecs.Find(codec.Name, codec.ClockRate);
        string? account = leg?.Call.Caller.Account;
        var opening = await _calls.Host.OpenAsync(
            new VoiceSessionRequest
            {
                SessionId = RealtimeIds.New("sess"),
                Transport = SipCalls.TransportId,
                InitialSession = SipAgents.SessionOf(Agent, known, fields),
                Brain = Agent.Brain,
                Caller = account is null ? Sessions.Access.Caller.Anonymous : new Caller(CallerKind.User, "sip:" + account),
                RemoteAddress = leg?.Call.Path.Remote.Address,
            },
            CancellationToken.None);
        if (opening.Session is not { } session)
        {
            Log.Refused(_calls.Logger, Id, opening.Refusal!.Error.Code ?? "refused");
            return opening.Refusal;
        }

        _session = session;
        // Before anybody can find the session and say something of his own.
        if (leg is not null && IsIncoming && Agent.KnowsCaller && CallerFacts.MessageOf(leg.Call) is { } facts)
            await session.SendOperatorEventAsync(facts, CancellationToken.None);
        // One that an application decides on was entered when it began to ring.
        _calls.Directory.TryAdd(Entry);
        _calls.Directory.Begin(Entry, session);
        _ = WatchAsync(session);
        return null;
    }

    // With a connection the session's end is that one's to tell, after what has to be heard.
    private async Task WatchAsync(VoiceSession session)
    {
        await session.Ended;
        if (_leg?.Connection is null)
            HangUp();
    }

    private void Refuse(SipLeg leg, int status) => _calls.Server!.Do((_, now) =>
    {
        if (leg.Call.IsIncoming)
            leg.Call.Refuse(status, now);
        else
            leg.Call.HangUp(now);
    });

    private async Task ApplyAsync(SipLeg leg, AudioAgreement agreement)
    {
        if (_isOver || _session is not { } session || leg != _leg)
        {
            leg.Agree(agreement);
            return;
        }

        if (leg.Apply(agreement, session, this, _calls) is not { } connection)
            return;
        bool isFirst = _connection is null;
        Connect(session, leg, connection);
        if (isFirst && IsIncoming)
            await GreetAsync();
    }

    // Another codec, or another call in place of this one: another connection goes on where the former stops.
    private void Connect(VoiceSession session, SipLeg leg, RtpConnection connection)
    {
        var former = _connection;
        _connection = connection;
        if (former is null)
        {
            session.Start(connection);
        }
        else
        {
            connection.TakeOver(former);
            if (!session.Resume(connection))
                HangUp();
        }

        leg.Begin(connection);
    }

    private async Task GreetAsync()
    {
        if (_hasGreeted || _session is not { } session)
            return;
        _hasGreeted = true;
        // Whoever accepted it over the API speaks first, or not, as it likes.
        if (Hosted is null && _calls.Agents.Greets(Agent))
            await session.SendOperatorEventAsync(Agent.Greeting is { Length: > 0 } text ? PhoneEvents.Greeting(text) : Greeting, CancellationToken.None);
    }

    // The session goes on with whom the peer handed it to.
    private async Task MoveAsync(SipLeg leg)
    {
        var former = _leg!;
        (_leg, _next) = (leg, null);
        if (leg.Call.Agreement is not { } agreement || _session is not { } session || leg.Apply(agreement, session, this, _calls) is not { } connection)
            return;
        former.GiveUp();
        Connect(session, leg, connection);
        await former.CloseAsync(null);
        _ = SeeOffAsync(former);
    }

    // Whoever handed us over hangs up when he hears that it worked; one who does not must not keep a call for ever.
    private async Task SeeOffAsync(SipLeg former)
    {
        await Task.Delay(Farewell, _calls.Time);
        _calls.Server!.Do((_, now) => former.Call.HangUp(now));
    }

    private async Task EndAsync(SipLeg leg)
    {
        _isOver = true;
        if (leg.Connection is { } connection)
            _calls.Metrics.Ended(connection.Media, Agent.Name, IsIncoming);
        await leg.CloseAsync(_session);
        _session?.End(SessionTermination.CallerClosed);
        if (_session is null)
            _calls.Directory.Remove(Entry);
        _calls.Forget(this);
    }

    // A defect must cost this call only.
    private void OnFailed(Exception exception)
    {
        Log.Failed(_calls.Logger, Id, exception);
        _session?.End(new SessionTermination(TerminationKind.ServerFault, "the call failed"));
        HangUp();
    }

    private static SessionRefusal NoPort { get; } = new(503, new RealtimeError(RealtimeError.ServerError, "no_media_port",
        "No UDP port is free for the call's audio. Widen VoiceCarnival:Sip:FirstMediaPort to LastMediaPort."));

    private static partial class Log
    {
        [LoggerMessage(3304, LogLevel.Error, "Phone call {CallId} failed")]
        public static partial void Failed(ILogger logger, string callId, Exception exception);

        [LoggerMessage(3305, LogLevel.Information, "Phone call {CallId} was refused: {Code}")]
        public static partial void Refused(ILogger logger, string callId, string code);
    }
}
