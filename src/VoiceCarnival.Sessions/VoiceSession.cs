using System.Diagnostics;
using System.Net;
using VoiceCarnival.Protocols.Realtime;
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
public sealed partial class VoiceSession : IVoiceEngineOutput, IAsyncDisposable
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
    private readonly RefusalAllowance _refusals;
    private readonly int _refusalsPerSecond;
    private readonly SessionPolicy _rules;
    private readonly SessionPolicy? _policy;
    private readonly bool _hidesFields;
    private IVoiceEngineSession? _engine;
    private VoiceConnection? _connection;
    private Sidebands? _sidebands;
    private Action? _leave;
    private SessionTermination? _termination;
    private bool _isCreated;
    private bool _hasBegun;

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
        _refusalsPerSecond = limits.MaxRefusedEventsPerSecond;
        _refusals = NewRefusalAllowance();
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

    /// <summary>Somebody asked for an answer, other than by speaking.</summary>
    public bool WasAskedToRespond { get; private set; }

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

    internal void Bind(IVoiceEngineSession engine)
    {
        _engine = engine;
        _metrics.Started(_tags);
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
    public async ValueTask DisposeAsync()
    {
        End(new SessionTermination(TerminationKind.ServerFault, "disposed"));
        if (_engine is { } engine)
            await engine.DisposeAsync();
        _metrics.Ended(_tags, _termination!, _time.GetElapsedTime(StartedTimestamp), Statistics);
    }

    /// <summary>What the caller of another connection of this session may send in vain.</summary>
    internal RefusalAllowance NewRefusalAllowance() => new(_refusalsPerSecond, _time.GetTimestamp(), _time);

    /// <summary>Counts a refusal that only one connection is told of.</summary>
    /// <returns>False when it is one too many.</returns>
    internal bool TryTakeRefusal(RefusalAllowance allowance) => allowance.TryTake(_time.GetTimestamp());

    /// <summary>Sets the token that lets the caller come back; called by the host that made it.</summary>
    /// <param name="issueToken">Makes one.</param>
    /// <param name="spendFormer">Those before the last are not needed any more.</param>
    /// <param name="grace">How long the session waits for its caller.</param>
    internal void OfferResumption(Func<string> issueToken, Action spendFormer, TimeSpan grace) => _extensions.OfferResumption(issueToken, spendFormer, grace);
}
