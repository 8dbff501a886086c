using Microsoft.Extensions.Logging;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// One phone call: the peer on one side, a session on the other. What the user agent tells comes under the server's lock and is only noted; it is worked on one thing after the
/// other, without that lock.
/// </summary>
internal sealed partial class PhoneCall
{
    private readonly SipCalls _calls;
    private readonly SerialWork _work;
    private readonly List<string> _sipCallIds = [];
    private SipLeg? _leg;
    private SipLeg? _next;
    private RtpConnection? _connection;
    private VoiceSession? _session;
    private volatile PhoneCallInfo? _lastWords;
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
        Entry = NewEntry();
    }

    /// <summary><c>rtc_…</c></summary>
    public string Id { get; } = RealtimeIds.New("rtc");

    public SipAgentOptions Agent { get; }

    public bool IsIncoming { get; }

    public string From { get; }

    public string To { get; }

    public DateTimeOffset StartedAt { get; }

    /// <summary>How the call is known to the API.</summary>
    public VoiceCall Entry { get; private set; }

    public PhoneCallProgress Progress { get; } = new();

    /// <summary>Somebody has hung up here: nobody is called any more. Under the server's lock.</summary>
    public bool IsGivenUp { get; private set; }

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
        if (_lastWords is { } known)
            return known;
        var last = Progress.Last;
        var now = new PhoneCallInfo(
            Id, _session?.Id, IsIncoming ? "in" : "out", From, To, Agent.Name, last?.State ?? "ringing", last?.Status ?? 0, last?.Reason ?? "", StartedAt,
            SipCallIds is [.., var sipCallId] ? sipCallId : "", _leg?.Call.Agreement?.LocalCrypto is not null, _leg?.Connection?.Media);
        return _lastWords ?? now;
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
        IsGivenUp = true;
        _next?.Call.HangUp(now);
        _leg?.Call.HangUp(now);
    });

    private VoiceCall NewEntry() => new(Id, SipCalls.TransportId, Sessions.Access.Caller.Anonymous, this);

    private void AddId(string callId)
    {
        lock (_sipCallIds)
            _sipCallIds.Add(callId);
        _calls.Trace.Follow(callId);
    }

    private async Task EndAsync(SipLeg leg)
    {
        _isOver = true;
        _calls.Server!.Do((_, now) => _next?.Call.HangUp(now));
        // What was dialled is no name for a series of measurements.
        if (leg.Connection is { } connection)
            _calls.Metrics.Ended(connection.Media, Hosted is null ? Agent.Name : "hosted", IsIncoming);
        try
        {
            await leg.CloseAsync(_session);
            _session?.End(SessionTermination.CallerClosed);
        }
        finally
        {
            if (_session is null)
                _calls.Directory.Remove(Entry);
            // It is still told of, and keeps nothing of its conversation for that.
            _lastWords = Describe();
            (_leg, _next, _connection, _session, Entry) = (null, null, null, null, NewEntry());
            _calls.Forget(this);
        }
    }

    // A defect must cost this call only.
    private void OnFailed(Exception exception)
    {
        Log.Failed(_calls.Logger, Id, exception);
        _session?.End(new SessionTermination(TerminationKind.ServerFault, "the call failed"));
        HangUp();
    }

    private static partial class Log
    {
        [LoggerMessage(3304, LogLevel.Error, "Phone call {CallId} failed")]
        public static partial void Failed(ILogger logger, string callId, Exception exception);

        [LoggerMessage(3305, LogLevel.Information, "Phone call {CallId} was refused: {Code}")]
        public static partial void Refused(ILogger logger, string callId, string code);
    }
}
