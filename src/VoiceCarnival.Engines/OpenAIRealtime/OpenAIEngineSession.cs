using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Engines.OpenAIRealtime.Input;
using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// Relays one conversation. Events pass as bytes: only their type is looked at, and the few that shape the conversation are followed in a mirror. When the
/// upstream breaks or reaches its age, a new one is brought to the same point (see the other half of this class) and the caller hears no more of it
/// than a <c>voicecarnival.session.resumed</c> event.
/// </summary>
internal sealed partial class OpenAIEngineSession : IVoiceEngineSession, IUpstreamReceiver
{
    // What is not proved to have arrived is kept: a quarter of a second of audio is 12 kB, and four small frames a second cost next to nothing beside the audio's 50.
    private static readonly TimeSpan ProofInterval = TimeSpan.FromMilliseconds(250);
    private readonly Lock _gate = new();
    private readonly OpenAISessionSetup _setup;
    private readonly CallerSide _caller;
    private readonly ConversationMirror _mirror;
    private readonly RelayedAudio _audio = new();
    private readonly EventRewriter _rewriter = new();
    private readonly QuietItems _quiet = new();
    private readonly InputAudio _input;
    private readonly HeldEvents _held = new();
    private readonly ILogger _logger;
    private UpstreamConnection? _upstream;
    private readonly Room _callersRoom = new();
    private readonly Room _upstreamsRoom = new();
    private readonly UpstreamAttempts _attempts;
    private ITimer? _greeting;
    private long _proofAskedAt;
    private long _behind; // bytes taken for a caller that has no room
    private string? _ownUpdate; // the id of the session.update of ours that waits for its answer
    private bool _isCreated;

    /// <summary>A session that still has to <see cref="ConnectAsync"/>.</summary>
    public OpenAIEngineSession(OpenAISessionSetup setup, IVoiceEngineOutput output, ILogger logger)
    {
        _setup = setup;
        _caller = new CallerSide(output);
        _logger = logger;
        _input = new InputAudio(setup.HeldAudioSeconds * PcmBytesPerSecond);
        _mirror = new ConversationMirror { AudioLength = _audio.Milliseconds, Input = _input };
        _recoveries = new RecoveryAllowance(setup.Time);
        _attempts = new UpstreamAttempts(setup.Connector, setup.Address, setup.SafetyIdentifier, setup.Time);
        _renewal = new Renewal(setup.RenewBefore, setup.Time, Renew);
    }

    private const int PcmBytesPerSecond = 48_000;

    /// <summary>Opens the first upstream. Tried once: a refusal tells the caller, who has no session to lose yet, when to come back.</summary>
    public async Task<SessionRefusal?> ConnectAsync(CancellationToken cancellationToken)
    {
        var opening = await _attempts.OnceAsync(this, cancellationToken);
        _upstream = opening.Connection;
        // At once and not with the start, so that what anybody asks for meanwhile comes after it.
        if (_upstream is { } upstream)
            SendOwnFields(upstream);
        return opening.Refusal;
    }

    /// <inheritdoc/>
    public void Start()
    {
        lock (_gate)
        {
            if (_caller.IsEnded || _upstream is not { } upstream)
                return;
            _greeting = _setup.Time.CreateTimer(static state => ((OpenAIEngineSession)state!).NotGreeted(), this, _setup.GreetingTime, Timeout.InfiniteTimeSpan);
            upstream.Start();
        }
    }

    private void SendOwnFields(UpstreamConnection upstream)
    {
        if (_setup.InitialSession is not { } fields)
            return;
        _ownUpdate = RealtimeIds.New("event");
        upstream.Send(EventJson.Bytes(new JsonObject { ["type"] = ClientEventTypes.SessionUpdate, ["event_id"] = _ownUpdate, ["session"] = fields.DeepClone() }));
    }

    // A service that takes a connection and says nothing would keep the caller waiting for ever.
    private void NotGreeted()
    {
        lock (_gate)
        {
            if (!_isCreated)
            {
                End(new SessionTermination(TerminationKind.EngineFailed, "the service did not begin the session", new RealtimeError(RealtimeError.ServerError,
                    "upstream_silent", $"The service took the connection and did not begin a session within {_setup.GreetingTime.TotalSeconds:0} seconds. Try again, or another model.")));
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_caller.IsEnded)
                return ValueTask.CompletedTask;
            if (kind == ClientEventKind.BufferAppend)
                _input.AddAppend(utf8Json.Span);
            if (_upstream is null || _isHandingOver)
                Hold(kind, utf8Json);
            else if (!(kind == ClientEventKind.BufferAppend ? SendAppend(utf8Json.Span) : SendEvent(kind, utf8Json)))
                return WaitForUpstream();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_caller.IsEnded)
                return ValueTask.CompletedTask;
            _input.Add(audio.Span);
            if (_upstream is { } upstream && !_isHandingOver && !Sent(upstream.SendAudio(audio.Span)))
                return WaitForUpstream();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void ResumeOutput()
    {
        lock (_gate)
        {
            _callersRoom.Open();
            _setup.ReadAhead.Give(ref _behind);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        UpstreamConnection? upstream;
        lock (_gate)
        {
            _caller.Leave();
            upstream = _upstream;
            _upstream = null;
            _input.Clear();
            _callersRoom.Open();
            _upstreamsRoom.Open();
            _setup.ReadAhead.Give(ref _behind);
        }

        await _stop.CancelAsync();
        _greeting?.Dispose();
        _renewal.Dispose();
        if (upstream is not null)
            await upstream.DisposeAsync();
    }

    ValueTask IUpstreamReceiver.OnEventAsync(UpstreamConnection upstream, ReadOnlyMemory<byte> utf8Json)
    {
        lock (_gate)
        {
            if (_caller.IsEnded)
                return ValueTask.CompletedTask;
            if (ReferenceEquals(upstream, _replay?.Connection))
            {
                _replay.Observe(ServerEventPeek.TypeOf(utf8Json.Span), utf8Json.Span);
                return ValueTask.CompletedTask;
            }

            if (!ReferenceEquals(upstream, _upstream))
                return ValueTask.CompletedTask;
            try
            {
                if (Deliver(utf8Json))
                    return ValueTask.CompletedTask;
            }
            catch (Exception exception)
            {
                Fail(exception);
                return ValueTask.CompletedTask;
            }

            return new ValueTask(WaitForCallerAsync(_callersRoom.WaitAsync(), _setup.ReadAhead.Take(utf8Json.Length, ref _behind)));
        }
    }

    // Whoever does not read gets one event after another all the same, at the pace of the read-ahead.
    private async Task WaitForCallerAsync(Task room, TimeSpan longest)
    {
        try
        {
            await room.WaitAsync(longest, _setup.Time);
        }
        catch (TimeoutException)
        {
            // One more event, then.
        }
    }

    void IUpstreamReceiver.OnProof(UpstreamConnection upstream, long place)
    {
        lock (_gate)
        {
            if (ReferenceEquals(upstream, _upstream))
                _input.Arrived(place);
        }
    }

    void IUpstreamReceiver.OnRoom()
    {
        lock (_gate)
            _upstreamsRoom.Open();
    }

    // One event from the upstream to the caller. False when the caller's line is full.
    private bool Deliver(ReadOnlyMemory<byte> utf8Json)
    {
        string? type = ServerEventPeek.TypeOf(utf8Json.Span);
        if (type == ServerEventTypes.OutputAudioDelta && AudioDeltaFields.TryRead(utf8Json.Span, out var fields))
            return _caller.Play(_audio.Next(fields, utf8Json.Span, _mirror.OutputFormat));
        if (type is null)
            return true; // not an event; OpenAI's own clients would fail on it
        if (type == ServerEventTypes.SessionCreated && !_isCreated)
            return DeliverCreated(utf8Json);
        if (type == ServerEventTypes.SessionUpdated && _ownUpdate is not null)
        {
            _ownUpdate = null;
            return true;
        }

        if (type == ServerEventTypes.Error && IsExpiry(utf8Json.Span))
            return true; // the close that follows leads to a new upstream
        if (type == ServerEventTypes.Error && _ownUpdate is not null && UpstreamError.Answering(_ownUpdate, utf8Json.Span, _isCreated) is { } refused)
        {
            // Refused as a whole: without the operator's fields, which may bind the caller, there is no session.
            End(new SessionTermination(TerminationKind.EngineFailed, "the service refused the fields that the session begins with", refused));
            return true;
        }

        if (_quiet.Swallows(type, utf8Json.Span))
            return true;
        if (type == ServerEventTypes.SpeechStarted && ContinueSpeech(utf8Json.Span))
            return true;
        var bytes = _rewriter.Down(utf8Json) ?? utf8Json;
        _mirror.Observe(type, bytes.Span);
        return _caller.Pass(type, bytes.Span);
    }

    // The caller sees the session as it will be once the operator's and the secret's fields are set; that they were sent is not its business.
    private bool DeliverCreated(ReadOnlyMemory<byte> utf8Json)
    {
        _isCreated = true;
        _greeting?.Dispose();
        if (EventJson.Parse(utf8Json.Span) is not { } created || created["session"] is not JsonObject session)
            return _caller.Pass(ServerEventTypes.SessionCreated, utf8Json.Span);
        if (_setup.InitialSession is { } fields)
            EventJson.Merge(session, fields);
        // One id for the caller, our log and every upstream to come.
        _rewriter.Map((string?)session["id"] ?? "", _setup.SessionId);
        session["id"] = _setup.SessionId;
        _mirror.SetSession(session);
        ScheduleRenewal(session);
        return _caller.Pass(ServerEventTypes.SessionCreated, EventJson.Bytes(created));
    }

    private bool SendAppend(ReadOnlySpan<byte> utf8Json) => Sent(_upstream!.Send(utf8Json));

    // All of the caller's audio was sent just now.
    private bool Sent(bool hasRoom)
    {
        _input.AllSent();
        long now = _setup.Time.GetTimestamp();
        if (_setup.Time.GetElapsedTime(_proofAskedAt, now) >= ProofInterval)
        {
            _proofAskedAt = now;
            _upstream!.AskForProof(_input.Sent);
        }

        return hasRoom;
    }

    private bool SendEvent(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json)
    {
        if (kind == ClientEventKind.ItemTruncate && ReplayedTruncation.TryTake(utf8Json.Span, _mirror, _audio, _quiet) is { } truncation)
        {
            foreach (byte[] command in truncation.Commands)
                _upstream!.Send(command);
            _caller.Tell(ServerEventTypes.ItemTruncated, truncation.Answer);
            return true;
        }

        if (kind == ClientEventKind.ResponseCancel)
            _mirror.Cancel(utf8Json.Span);
        var bytes = _rewriter.Up(utf8Json) ?? utf8Json;
        _mirror.Requests.Add(kind, utf8Json.Span, _input.Sent);
        return _upstream!.Send(bytes.Span);
    }

    private void Hold(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json)
    {
        // An answer that broke would have been given again.
        if (kind == ClientEventKind.ResponseCancel && ForgetBroken(ConversationMirror.CancelledIn(utf8Json.Span)))
            return;
        if (kind != ClientEventKind.BufferAppend && !_held.TryAdd(kind, utf8Json.Span, _input.End))
        {
            _caller.TellError(new RealtimeError(RealtimeError.ServerError, "upstream_away",
                "The service is being reconnected and too much waits for it already. Send the event again after voicecarnival.session.resumed."), utf8Json.Span);
        }
    }

    private ValueTask WaitForUpstream() => new(_upstreamsRoom.WaitAsync());

    // A defect here must cost this session only.
    private void Fail(Exception exception)
    {
        Log.Failed(_logger, exception);
        End(new SessionTermination(TerminationKind.ServerFault, "internal error",
            new RealtimeError(RealtimeError.ServerError, "internal_error", "The server had an error while relaying your session. Open a new one.")));
    }

    private void End(SessionTermination termination)
    {
        _caller.End(termination);
        _upstreamsRoom.Open();
    }

    private static partial class Log
    {
        [LoggerMessage(2101, LogLevel.Error, "The OpenAI engine failed in a session")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(2102, LogLevel.Warning, "The upstream of a session was lost with {Code}; opening another")]
        public static partial void Lost(ILogger logger, int code);

        [LoggerMessage(2103, LogLevel.Information, "A session goes on with a new upstream after {Milliseconds:F0} ms: {Items} items, {DroppedMilliseconds} ms of audio dropped, {Errors} errors")]
        public static partial void Resumed(ILogger logger, double milliseconds, int items, long droppedMilliseconds, int errors);

        [LoggerMessage(2104, LogLevel.Error, "The upstream of a session could not be replaced: {Code}")]
        public static partial void GaveUp(ILogger logger, string? code);
    }
}
