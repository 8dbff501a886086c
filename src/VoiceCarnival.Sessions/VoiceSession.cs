using System.Diagnostics;
using System.Net;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Policy;
using VoiceCarnival.Sessions.Spend;

namespace VoiceCarnival.Sessions;

/// <summary>
/// One conversation between a caller and an engine. It outlives its connections: they attach, break and come back, the engine keeps going.
/// </summary>
/// <remarks>
/// Locks nest in one direction only: engine, then session, then connection. The caller's side (<see cref="ReceiveEventAsync"/>,
/// <see cref="ReceiveAudioAsync"/>) comes from one connection's receive loop at a time; those of sidebands run beside it.
/// </remarks>
public sealed class VoiceSession : IVoiceEngineOutput, IAsyncDisposable
{
    /// <summary>Sidebands that one call has at most.</summary>
    public const int MostSidebands = Sidebands.Most;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly SessionMetrics _metrics;
    private readonly TagList _tags;
    private readonly HeldOutput _held;
    private readonly TaskCompletionSource<SessionTermination> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PlayoutLedger _playout = new();
    private readonly TurnWatch _turns;
    private readonly CallerPresence _presence = new();
    private readonly SessionExtensions _extensions;
    private readonly SessionPolicy _rules;
    private readonly SessionPolicy? _policy;
    private readonly bool _hidesFields;
    private IVoiceEngineSession? _engine;
    private VoiceConnection? _connection;
    private Sidebands? _sidebands;
    private Action? _leave;
    private SessionTermination? _termination;
    private bool _isCreated;

    internal VoiceSession(VoiceSessionRequest request, string engineName, LimitsOptions limits, SessionPolicy policy, SessionMetrics metrics, TimeProvider time)
    {
        Id = request.SessionId;
        Transport = request.Transport;
        RemoteAddress = request.RemoteAddress;
        EngineName = engineName;
        _time = time;
        _metrics = metrics;
        _tags = new TagList { { "transport", Transport }, { "engine", engineName } };
        _turns = new TurnWatch(Statistics, metrics, _tags, time);
        _held = new HeldOutput(limits.ResumeBufferKilobytes * 1024);
        _extensions = new SessionExtensions(this);
        _rules = policy;
        _policy = policy.Restricts(request.Caller) ? policy : null;
        _hidesFields = policy.HidesFrom(request.Caller);
        StartedAt = time.GetUtcNow();
        StartedTimestamp = LastHeardFrom = time.GetTimestamp();
    }

    /// <summary><c>sess_…</c></summary>
    public string Id { get; }

    /// <summary>The transport the session began on.</summary>
    public string Transport { get; }

    /// <summary>Which engine answers.</summary>
    public string EngineName { get; }

    /// <summary>Where the caller is.</summary>
    public IPAddress? RemoteAddress { get; }

    /// <summary>Wall-clock start.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>The call this session is, when it can be reached by a call id.</summary>
    public VoiceCall? Call { get; private set; }

    /// <summary>Connections that listen in now.</summary>
    public int SidebandCount
    {
        get
        {
            lock (_gate)
                return _sidebands?.Count ?? 0;
        }
    }

    /// <summary>Counts so far.</summary>
    public SessionStatistics Statistics { get; } = new();

    /// <summary>How the media of a call are doing; null where the caller plays the audio itself.</summary>
    public MediaStatistics? Media
    {
        get
        {
            lock (_gate)
                return _connection?.Media;
        }
    }

    /// <summary>Completes when the session has ended for good.</summary>
    public Task<SessionTermination> Ended => _ended.Task;

    /// <summary>What the caller has heard of each item, by its own account.</summary>
    public PlayoutLedger Playout => _playout;

    /// <summary>What this session has cost so far, USD, by the usage that its engine reports.</summary>
    public decimal SpentUsd => Spend?.Total ?? 0;

    /// <summary>What this session has cost, when its host counts that.</summary>
    internal SessionSpend? Spend { get; init; }

    /// <summary>What it may still use, when its host limits that.</summary>
    internal SessionAllowance? Allowance { get; init; }

    internal long StartedTimestamp { get; }

    /// <summary>True when the caller's media pass us by.</summary>
    internal bool IsElsewhere => _connection is { IsElsewhere: true };

    /// <summary>Timestamp of the last thing the caller sent, for the idle limit.</summary>
    internal long LastHeardFrom { get; private set; }

    /// <summary>Timestamp at which the line broke; null while a connection is attached.</summary>
    internal long? DetachedAt { get; private set; }

    // False when the session has ended already; else leave is called when it does, before anybody hears of it.
    internal bool TryBecome(VoiceCall call, Action leave)
    {
        lock (_gate)
        {
            Call = call;
            _leave = leave;
            _sidebands ??= new Sidebands();
            return _termination is null;
        }
    }

    internal ValueTask SendToEngineAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken) =>
        kind == ClientEventKind.OutputBufferClear && ClearOutput() ? ValueTask.CompletedTask : _engine!.SendEventAsync(kind, utf8Json, cancellationToken);

    internal void Bind(IVoiceEngineSession engine)
    {
        _engine = engine;
        _metrics.Started(_tags);
    }

    /// <summary>Attaches the first connection and lets the engine begin. When the session has ended meanwhile, the connection is closed instead.</summary>
    public void Start(VoiceConnection connection)
    {
        SessionTermination? ended;
        lock (_gate)
        {
            ended = _termination;
            if (ended is null)
                _connection = connection;
        }

        if (ended is not null)
            connection.Close(ended);
        else
            _engine!.Start();
    }

    /// <summary>
    /// Attaches a connection that came back, tells it so, and hands over what was said meanwhile. A connection that is still attached is replaced:
    /// the caller knows better than we do that its old line is dead.
    /// </summary>
    /// <returns>False when the session has ended or its picture could not be kept whole.</returns>
    public bool Resume(VoiceConnection connection)
    {
        VoiceConnection? old;
        lock (_gate)
        {
            if (_termination is not null || _held.Overflowed)
                return false;
            old = _connection;
            _connection = connection;
            DetachedAt = null;
            LastHeardFrom = _time.GetTimestamp();
            Statistics.Resumptions++;
            Statistics.DroppedAudioMilliseconds += _held.DroppedAudioMilliseconds;
            _extensions.WriteResumed(connection, _held.DroppedAudioMilliseconds);
            old?.TakeUnplayed((in EngineAudio audio) => connection.WriteAudio(audio));
            _held.DrainTo(connection);
        }

        _metrics.Resumed(_tags);
        old?.Close(new SessionTermination(TerminationKind.CallerClosed, "replaced by a newer connection"));
        _engine!.ResumeOutput();
        return true;
    }

    /// <summary>
    /// The attached connection has come to understand our own events only now, as a data channel tells when it opens: it gets the token by which its caller may come back.
    /// </summary>
    public void OfferResumption(VoiceConnection connection)
    {
        lock (_gate)
        {
            if (_isCreated && ReferenceEquals(_connection, connection))
                _extensions.OnSessionCreated(connection);
        }
    }

    /// <summary>The connection's line is gone. The session waits for the caller to come back when <paramref name="mayResume"/>, else it ends.</summary>
    public void Detach(VoiceConnection connection, SessionTermination termination, bool mayResume)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_connection, connection))
                return; // a newer connection has taken over
            _connection = null;
            DetachedAt = _time.GetTimestamp();
            if (mayResume)
                connection.TakeUnplayed(_held.AddAudio);
        }

        if (!mayResume)
            End(termination);
    }

    /// <summary>Attaches a connection beside the caller's own. Null when the session has ended, is no call, or has as many as it may.</summary>
    /// <param name="connection">Gets every event, the session's present state first, and no audio.</param>
    /// <param name="caller">Who is at it; the policy holds for that one.</param>
    public Sideband? TryAttach(VoiceConnection connection, Caller caller)
    {
        lock (_gate)
        {
            var sideband = new Sideband(this, connection, caller, _rules);
            return _termination is null && _sidebands?.TryAdd(sideband) == true ? sideband : null;
        }
    }

    /// <summary>Lets a sideband go; the session goes on.</summary>
    public void Detach(Sideband sideband)
    {
        lock (_gate)
            _sidebands?.Remove(sideband);
    }

    /// <summary>One event from the caller. Ours are answered here, all else goes to the engine.</summary>
    public ValueTask ReceiveEventAsync(ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        HeardFromCaller(utf8Json.Length);
        var kind = ClientEventPeek.KindOf(utf8Json.Span);
        if (kind is ClientEventKind.Ping or ClientEventKind.Playout)
        {
            _extensions.Receive(kind, utf8Json);
            return ValueTask.CompletedTask;
        }

        if (kind == ClientEventKind.HangUp)
        {
            // Where the end of a connection alone does not tell a hang-up from a page that is loaded anew.
            End(SessionTermination.CallerClosed);
            return ValueTask.CompletedTask;
        }

        string? eventId = null;
        if (_policy?.CheckEvent(kind, utf8Json, out eventId) is { } refused)
        {
            SendError(refused, eventId);
            return ValueTask.CompletedTask;
        }

        return SendToEngineAsync(kind, utf8Json, cancellationToken);
    }

    /// <summary>An event of the operator's own, such as a greeting: the policy binds callers, not whoever made it.</summary>
    public ValueTask SendOperatorEventAsync(ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken) =>
        SendToEngineAsync(ClientEventPeek.KindOf(utf8Json.Span), utf8Json, cancellationToken);

    /// <summary>A piece of audio from the caller, in the session's input format.</summary>
    public ValueTask ReceiveAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
    {
        HeardFromCaller(audio.Length);
        return _engine!.SendAudioAsync(audio, cancellationToken);
    }

    /// <summary>The attached connection has room for audio again.</summary>
    public void ResumeOutput() => _engine?.ResumeOutput();

    /// <summary>Sends an event of ours to the caller, beside what the engine says.</summary>
    public void SendToCaller(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            WriteEvent(type, utf8Json);
            if (type == ServerEventTypes.Expiring)
                _sidebands?.Write(type, utf8Json);
        }
    }

    /// <summary>
    /// Tells the engine how much of an item the caller heard before it was cut off, where this server plays the audio: the conversation keeps no more than that. Not to
    /// be called from within what the engine says.
    /// </summary>
    /// <param name="item">What was cut off.</param>
    /// <param name="heardMilliseconds">Milliseconds of it that were played.</param>
    public void Truncate(OutputAudioItem item, int heardMilliseconds)
    {
        // The bytes are the engine's until it is done with them, so they are made anew; and nobody waits for it.
        var sending = _engine!.SendEventAsync(ClientEventKind.ItemTruncate, SessionExtensions.TruncateEvent(item, heardMilliseconds), CancellationToken.None);
        if (!sending.IsCompletedSuccessfully)
            _ = sending.AsTask();
    }

    /// <summary>Sends an event of ours to everybody who is attached.</summary>
    public void Announce(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            if (type == ServerEventTypes.Expiring)
                _presence.IsPrompted = true;
            _sidebands?.Write(type, utf8Json);
            WriteEvent(type, utf8Json);
        }
    }

    /// <summary>Sends an <c>error</c> event of ours to the caller; the session goes on.</summary>
    internal void SendError(RealtimeError error, string? clientEventId = null)
    {
        byte[] json = SessionExtensions.ErrorEvent(error, clientEventId);
        lock (_gate)
        {
            Observe(ServerEventTypes.Error, json);
            WriteEvent(ServerEventTypes.Error, json);
        }
    }

    /// <summary>Ends the session: the caller's line is closed in its own way, the engine's conversation is dropped. Only the first call counts.</summary>
    public void End(SessionTermination termination)
    {
        VoiceConnection? connection;
        Sideband[]? sidebands;
        lock (_gate)
        {
            if (_termination is not null)
                return;
            _termination = termination;
            connection = _connection;
            _connection = null;
            sidebands = _sidebands?.TakeAll();
            _held.Clear();
        }

        _leave?.Invoke();
        connection?.Close(termination);
        foreach (var sideband in sidebands ?? [])
            sideband.Connection.Close(termination);
        _ended.TrySetResult(termination);
    }

    /// <inheritdoc/>
    bool IVoiceEngineOutput.OnEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        lock (_gate)
        {
            Observe(type, utf8Json);
            // Before anybody can see the event: who sees it may rely on the caller's having been heard.
            if (_connection is { IsElsewhere: true } && _presence.ShowsIn(type, utf8Json))
                LastHeardFrom = _time.GetTimestamp();
            _sidebands?.Write(type, utf8Json);
            if (_hidesFields && !OperatorFields.TryHide(ref utf8Json))
                return true;
            bool room = WriteEvent(type, utf8Json);
            if (type == ServerEventTypes.SessionCreated)
            {
                _isCreated = true;
                _extensions.OnSessionCreated(_connection);
            }

            return room;
        }
    }

    /// <inheritdoc/>
    bool IVoiceEngineOutput.OnAudio(in EngineAudio audio)
    {
        lock (_gate)
        {
            if (_termination is not null)
                return false;
            _turns.AudioCame();
            audio.Item.SentSamples = audio.SampleOffset + audio.SampleCount;
            _playout.Track(audio.Item);
            Statistics.BytesOut += audio.Payload.Length + audio.Event.Length;
            if (_connection is { } connection)
                return connection.WriteAudio(audio);
            _held.AddAudio(audio);
            return false;
        }
    }

    /// <inheritdoc/>
    void IVoiceEngineOutput.OnTurnMeasured(TurnLatency latency)
    {
        lock (_gate)
        {
            if (_termination is not null)
                return;
            Statistics.StagedTurns++;
            Statistics.RecognitionTotal += latency.Recognition;
            Statistics.ThinkingTotal += latency.Thinking;
            Statistics.SpeakingTotal += latency.Speaking + latency.Sending;
            _metrics.Measured(_tags, latency);
            if (_connection is { UnderstandsExtensions: true } connection)
                SessionExtensions.WriteLatency(connection, latency);
        }
    }

    /// <inheritdoc/>
    void IVoiceEngineOutput.OnEnded(SessionTermination termination) => End(termination);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(new SessionTermination(TerminationKind.ServerFault, "disposed"));
        if (_engine is { } engine)
            await engine.DisposeAsync();
        _metrics.Ended(_tags, _termination!, _time.GetElapsedTime(StartedTimestamp), Statistics);
    }

    /// <summary>Sets the token that lets the caller come back; called by the host that made it.</summary>
    internal void OfferResumption(Func<string> issueToken, TimeSpan grace) => _extensions.OfferResumption(issueToken, grace);

    private bool ClearOutput()
    {
        lock (_gate)
            return _connection?.ClearOutput() == true;
    }

    private bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        Statistics.BytesOut += utf8Json.Length;
        if (_connection is { } connection)
            return connection.WriteEvent(type, utf8Json);
        if (_termination is null)
            _held.AddEvent(type, utf8Json);
        return false;
    }

    private void HeardFromCaller(int bytes)
    {
        LastHeardFrom = _time.GetTimestamp();
        Statistics.BytesIn += bytes;
    }

    private void Observe(string type, ReadOnlySpan<byte> utf8Json)
    {
        Spend?.Observe(type, utf8Json);
        _turns.Observe(type, utf8Json);
    }
}
