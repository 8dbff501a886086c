using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>
/// The far side of a call whose media go straight to the service: its events, over the sideband WebSocket. A sideband that breaks is attached again, since the
/// conversation itself goes on without it; one that cannot be had back ends the call. Disposing hangs up.
/// </summary>
internal sealed partial class CallSideband : IVoiceEngineSession, IUpstreamReceiver
{
    private const int MostHeldBytes = 256 * 1024;
    private readonly Lock _gate = new();
    private readonly CallSidebandSetup _setup;
    private readonly CallerSide _caller;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<byte[]> _held = new();
    private readonly RecoveryAllowance _recoveries;
    private UpstreamConnection? _upstream;
    private readonly Room _upstreamsRoom = new();
    private readonly UpstreamAttempts _attempts;
    private ITimer? _silence;
    private long _heardAt;
    private int _heldBytes;
    private bool _isCreated;
    private bool _expectsCreated;
    private bool _isProbing;
    private bool _isResponding;
    private bool _owesWarning;
    private bool _isExpired;

    public CallSideband(CallSidebandSetup setup, IVoiceEngineOutput output, ILogger logger)
    {
        _setup = setup;
        _recoveries = new RecoveryAllowance(setup.Time);
        _attempts = new UpstreamAttempts(setup.Connector, setup.Address, setup.SafetyIdentifier, setup.Time);
        _caller = new CallerSide(output);
        _logger = logger;
    }

    /// <inheritdoc/>
    public void Start()
    {
        lock (_gate)
        {
            if (_caller.IsEnded)
                return;
            if (_setup.Greeting is { } instructions)
                Hold(EventJson.Bytes(Respond(instructions)));
            _silence = _setup.Time.CreateTimer(static state => ((CallSideband)state!).CheckSilence(), this, _setup.Silence, _setup.Silence);
        }

        _ = AttachAsync(_setup.AttachBudget, mayBeEarly: true);
    }

    /// <inheritdoc/>
    public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_caller.IsEnded)
                return ValueTask.CompletedTask;
            _setup.Guard?.Allow(kind, utf8Json.Span);
            if (_upstream is { } upstream)
            {
                if (upstream.Send(utf8Json.Span))
                    return ValueTask.CompletedTask;
                return new ValueTask(_upstreamsRoom.WaitAsync());
            }

            if (!Hold(utf8Json.ToArray()))
                _caller.TellError(NotNow, utf8Json.Span);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken) => ValueTask.CompletedTask; // the caller's audio is elsewhere

    /// <inheritdoc/>
    public void ResumeOutput()
    {
        // Events are never held.
    }

    /// <summary>Has the caller told that the call must end soon, as soon as nobody is answering.</summary>
    public void Warn()
    {
        lock (_gate)
        {
            _owesWarning = !_caller.IsEnded && _setup.Warning is { Length: > 0 };
            if (!_isResponding)
                PayWarning();
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
            _upstreamsRoom.Open();
        }

        await _stop.CancelAsync();
        if (_silence is { } silence)
            await silence.DisposeAsync();
        await _setup.Call.EndAsync();
        if (upstream is not null)
            await upstream.DisposeAsync();
    }

    ValueTask IUpstreamReceiver.OnEventAsync(UpstreamConnection upstream, ReadOnlyMemory<byte> utf8Json)
    {
        lock (_gate)
        {
            if (_caller.IsEnded || !ReferenceEquals(upstream, _upstream))
                return ValueTask.CompletedTask;
            try
            {
                Deliver(utf8Json.Span);
            }
            catch (Exception exception)
            {
                // A defect here must cost this call only.
                Log.Failed(_logger, _setup.Call.Id, exception);
                End(new SessionTermination(TerminationKind.ServerFault, "internal error",
                    new RealtimeError(RealtimeError.ServerError, "internal_error", "The server had an error while following this call.")));
            }
        }

        return ValueTask.CompletedTask;
    }

    void IUpstreamReceiver.OnRoom()
    {
        lock (_gate)
            _upstreamsRoom.Open();
    }

    private void Deliver(ReadOnlySpan<byte> utf8Json)
    {
        _heardAt = _setup.Time.GetTimestamp();
        string? type = ServerEventPeek.TypeOf(utf8Json);
        if (type is null or ServerEventTypes.OutputAudioDelta) // the caller hears it from the service
            return;
        var breach = _setup.Guard?.Observe(type, utf8Json);
        switch (type)
        {
            case ServerEventTypes.SessionCreated when _isCreated:
                // An attachment of ours; the session may have changed while we were away.
                if (!_expectsCreated && EventJson.Parse(utf8Json) is { } again)
                    _caller.Tell(ServerEventTypes.SessionUpdated, again);
                _expectsCreated = false;
                SetRight(breach);
                return;
            case ServerEventTypes.SessionCreated:
                _isCreated = true;
                break;
            case ServerEventTypes.ResponseCreated:
                _isResponding = true;
                break;
            case ServerEventTypes.ResponseDone:
                _isResponding = false;
                break;
            case ServerEventTypes.Error when utf8Json.IndexOf("\"session_expired\""u8) >= 0:
                _isExpired = true;
                break;
        }

        _caller.Pass(type, utf8Json);
        SetRight(breach);
        if (!_isResponding)
            PayWarning();
    }

    // The caller did over its own data channel what the policy does not let it do.
    private void SetRight((string Path, JsonObject Event)? breach)
    {
        if (breach is not { } found || _caller.IsEnded)
            return;
        Log.SetRight(_logger, _setup.Call.Id, found.Path, _setup.Guard!.Count);
        var told = RealtimeError.Invalid(SessionPolicy.ViolationCode, $"The caller changed '{found.Path}', which this server's operator sets. It was set back.", found.Path);
        if (_setup.Guard.IsExhausted)
        {
            End(new SessionTermination(TerminationKind.Operator, "the caller kept changing what the operator sets",
                told with { Message = "The caller kept changing what this server's operator sets, so the call was ended." }));
            return;
        }

        _caller.TellError(told);
        found.Event["event_id"] = RealtimeIds.New("event");
        _upstream?.Send(EventJson.Bytes(found.Event));
    }

    private void PayWarning()
    {
        if (!_owesWarning || _caller.IsEnded)
            return;
        _owesWarning = false;
        byte[] warning = EventJson.Bytes(Respond(_setup.Warning!));
        if (_upstream is { } upstream)
            upstream.Send(warning);
        else
            Hold(warning);
    }

    private bool Hold(byte[] e)
    {
        if (_heldBytes + e.Length > MostHeldBytes)
            return false;
        _heldBytes += e.Length;
        _held.Enqueue(e);
        return true;
    }

    private static JsonObject Respond(string instructions) => new()
    {
        ["type"] = ClientEventTypes.ResponseCreate,
        ["response"] = new JsonObject { ["instructions"] = instructions },
    };

    private static RealtimeError NotNow { get; } = new(RealtimeError.ServerError, "upstream_away",
        "The sideband of this call is being attached and too much waits for it already. Send the event again later.");

    private void End(SessionTermination termination)
    {
        _caller.End(termination);
        _upstreamsRoom.Open();
    }

    private static partial class Log
    {
        [LoggerMessage(2211, LogLevel.Error, "The sideband of call {CallId} failed")]
        public static partial void Failed(ILogger logger, string callId, Exception exception);

        [LoggerMessage(2212, LogLevel.Information, "The sideband of call {CallId} was closed with {Code}; attaching again")]
        public static partial void Lost(ILogger logger, string callId, int code);

        [LoggerMessage(2214, LogLevel.Warning, "The caller of call {CallId} changed {Path} past this server; it is set back (change {Count})")]
        public static partial void SetRight(ILogger logger, string callId, string path, int count);

        [LoggerMessage(2213, LogLevel.Error, "The sideband of call {CallId} could not be attached: {Code}. The call is hung up")]
        public static partial void GaveUp(ILogger logger, string callId, string? code);
    }
}
