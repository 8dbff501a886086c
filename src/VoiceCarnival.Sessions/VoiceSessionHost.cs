using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Policy;
using VoiceCarnival.Sessions.Spend;

namespace VoiceCarnival.Sessions;

/// <summary>Outcome of asking for a session: one that is ready to <see cref="VoiceSession.Start"/>, or a refusal.</summary>
public readonly record struct SessionOpening(VoiceSession? Session, SessionRefusal? Refusal);

/// <summary>Gives a session that is ready what it is known by, such as the id of its call. Whoever lists the sessions finds it with that, or not at all.</summary>
public delegate ValueTask SessionNaming(VoiceSession session);

/// <summary>Opens the far side of a session.</summary>
public delegate ValueTask<EngineOpening> EngineOpener(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken);

/// <summary>
/// Opens sessions within the limits, watches them, and sees each to its end: idle callers, callers that never came back, shutdown, the summary line.
/// </summary>
public sealed partial class VoiceSessionHost(
    IVoiceEngine engine, ISessionAdmission admission, SessionPolicy policy, SessionDirectory directory, SessionMetrics metrics,
    IOptionsMonitor<LimitsOptions> limits, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<VoiceSessionHost> logger) : BackgroundService
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndingTime = TimeSpan.FromSeconds(4);
    private readonly ConcurrentDictionary<VoiceSession, Task> _ending = new();
    private volatile bool _stopping;
    private KnownPrices? _prices;
    private int _toldOfPrices;

    /// <summary>Opens a session with the engine; the caller's transport then starts it with a connection or disposes of it by ending it.</summary>
    public ValueTask<SessionOpening> OpenAsync(VoiceSessionRequest request, CancellationToken cancellationToken, SessionNaming? name = null) =>
        OpenAsync(request, engine.OpenAsync, cancellationToken, name);

    /// <summary>The same with a far side that is reached in another way, such as a call that runs elsewhere.</summary>
    /// <param name="request">Who wants what.</param>
    /// <param name="open">Called once there is room, as <see cref="IVoiceEngine.OpenAsync"/> is.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    /// <param name="name">Called before the session can be found; null when it is known by nothing but its own id.</param>
    public async ValueTask<SessionOpening> OpenAsync(VoiceSessionRequest request, EngineOpener open, CancellationToken cancellationToken, SessionNaming? name = null)
    {
        // 1. Is there room, and may this caller have what it asks for?
        if (_stopping)
            return Refuse(request, new SessionRefusal(503, new RealtimeError(RealtimeError.ServerError, "server_shutting_down", "This server is restarting. Try again."), TimeSpan.FromSeconds(2)));
        if (policy.Restricts(request.Caller))
        {
            // What a client secret is bound to was checked as it was minted.
            if ((policy.CheckModel(request.Model) ?? (request.InitialSession.ValueKind == JsonValueKind.Object ? null : policy.CheckType(request.Type))) is { } violation)
                return Refuse(request, new SessionRefusal(403, violation));
            if (!policy.LetsNameModel)
                request = request with { Model = BoundModelOf(request) ?? engine.Describe().Model };
        }

        var (lease, refusal) = await admission.TryAdmitAsync(request.RemoteAddress, request.Caller, cancellationToken);
        if (refusal is not null)
            return Refuse(request, refusal);

        // 2. Will the engine answer?
        var limit = limits.CurrentValue;
        request = request with
        {
            MaxDuration = TimeSpan.FromMinutes(limit.MaxSessionMinutes),
            InitialSession = policy.WithOperatorFields(request.InitialSession, request.Type, request.Caller),
        };
        VoiceSession? session = null;
        session = new VoiceSession(request, engine.Name, limit, policy, metrics, time)
        {
            Spend = new SessionSpend(PricesOf(limit), BoundModelOf(request) ?? request.Model ?? engine.Describe().Model, (usd, model) => Charge(request, session!, usd, model)),
            Allowance = new SessionAllowance(request.MaxDuration, limit.MaxSpendPerSession, limit.MaxSpendPerDay),
        };
        EngineOpening opening;
        try
        {
            opening = await open(request, session, cancellationToken);
        }
        catch
        {
            lease!.Dispose();
            throw;
        }

        if (opening.Session is not { } engineSession)
        {
            lease!.Dispose();
            return Refuse(request, opening.Refusal!);
        }

        // 3. Keep it, and see it to its end.
        session.Bind(engineSession);
        if (limit.ResumeGraceSeconds > 0)
            session.OfferResumption(() => directory.IssueToken(session), () => directory.SpendFormerTokens(session), TimeSpan.FromSeconds(limit.ResumeGraceSeconds));
        try
        {
            if (name is not null)
                await name(session);
        }
        catch
        {
            await session.DisposeAsync();
            lease!.Dispose();
            throw;
        }

        directory.Add(session);
        var ending = _ending[session] = SeeToEndAsync(session, lease!);
        _ = ending.ContinueWith(_ => _ending.TryRemove(session, out Task? _), TaskScheduler.Default);
        // Whoever ended all that there were has not seen this one.
        if (_stopping)
            End(session);
        return new SessionOpening(session, null);
    }

    /// <summary>Finds the session that a token lets its caller come back to. It is spent once the caller has come back and was heard.</summary>
    public VoiceSession? FindByToken(string token) => directory.FindByToken(token);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not in StopAsync: Kestrel stops first and would wait for the very connections that only we can end.
        using var stopping = lifetime.ApplicationStopping.Register(EndAll);
        using var timer = new PeriodicTimer(WatchInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Watch();
        }
        catch (OperationCanceledException)
        {
            // shutting down
        }
    }

    /// <summary>Waits a moment for the far sides to be told: a call that runs elsewhere would go on without us.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        EndAll();
        await Task.WhenAny(Task.WhenAll(_ending.Values), Task.Delay(EndingTime, CancellationToken.None));
    }

    private void EndAll()
    {
        _stopping = true;
        foreach (var session in directory.Sessions)
            End(session);
    }

    private static void End(VoiceSession session) => session.End(new SessionTermination(TerminationKind.ServerShutdown, "server is restarting"));

    internal void Watch()
    {
        var limit = limits.CurrentValue;
        foreach (var session in directory.Sessions)
        {
            WatchAllowance(session);
            if (session.DetachedAt is { } detached)
            {
                if (time.GetElapsedTime(detached).TotalSeconds > limit.ResumeGraceSeconds)
                    session.End(new SessionTermination(TerminationKind.CallerLost, "the line broke and the caller did not come back"));
            }
            else
            {
                WatchIdleness(session, TimeSpan.FromSeconds(limit.MaxIdleSeconds));
            }
        }
    }

    private void WatchIdleness(VoiceSession session, TimeSpan limit)
    {
        var idle = time.GetElapsedTime(session.LastHeardFrom);
        if (idle > limit)
        {
            metrics.LimitReached(session.Transport, SessionAllowance.Idle);
            session.End(new SessionTermination(TerminationKind.Idle, "nothing was received for too long",
                RealtimeError.Invalid("session_idle", $"Nothing was received for {limit.TotalSeconds:F0} seconds, so the session was closed.")));
        }
        else if (session.IsElsewhere && session.Spend?.HasBegun == true && session.Allowance?.IdleWarning(idle, limit) is { } warning)
        {
            // Whoever sends us nothing at all is not there to hear it; where the media are elsewhere a caller may only have said nothing.
            session.Announce(ServerEventTypes.Expiring, warning);
        }
    }

    private void WatchAllowance(VoiceSession session)
    {
        if (session is not { Allowance: { } allowance, Spend: { } spend } || session.Ended.IsCompleted)
            return;
        decimal spentToday = admission.SpentToday;
        var elapsed = time.GetElapsedTime(session.StartedTimestamp);
        if (allowance.Reached(elapsed, spend.Total, spentToday) is { } reached)
        {
            metrics.LimitReached(session.Transport, reached.Limit);
            session.End(reached.Termination);
        }
        else if (spend.HasBegun && allowance.Warning(elapsed, spend.Total, spentToday) is { } warning)
        {
            session.Announce(ServerEventTypes.Expiring, warning);
        }
    }

    // Under the session's lock, which the end takes too: the caller sees the event that cost too much first.
    private void Charge(VoiceSessionRequest request, VoiceSession session, decimal usd, string model)
    {
        admission.Charge(usd);
        metrics.Spent(request.Transport, engine.Name, model, usd);
        if (session.Allowance?.Reached(TimeSpan.Zero, session.SpentUsd, admission.SpentToday) is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static watch => watch.Host.WatchAllowance(watch.Session), new Watched(this, session), preferLocal: false);
        if (model == PriceTable.Other && limits.CurrentValue is { MaxSpendPerSession: not null } or { MaxSpendPerDay: not null } && Interlocked.Exchange(ref _toldOfPrices, 1) == 0)
            Log.PriceMissing(logger);
    }

    private PriceTable PricesOf(LimitsOptions limit)
    {
        var known = _prices;
        if (!ReferenceEquals(known?.Of, limit))
        {
            var description = engine.Describe();
            _prices = known = new KnownPrices(limit, new PriceTable(limit.Prices, description.IsEmbedded ? description.Models : null));
        }

        return known!.Table;
    }

    private static string? BoundModelOf(VoiceSessionRequest request) =>
        request.InitialSession.ValueKind == JsonValueKind.Object && request.InitialSession.TryGetProperty("model", out var model) && model.ValueKind == JsonValueKind.String
            ? model.GetString()
            : null;

    private async Task SeeToEndAsync(VoiceSession session, IDisposable lease)
    {
        using var activity = SessionMetrics.Activities.StartActivity("voice session");
        activity?.SetTag("session.id", session.Id).SetTag("transport", session.Transport).SetTag("engine", session.EngineName);
        try
        {
            var termination = await session.Ended.ConfigureAwait(false);
            directory.Remove(session);
            await session.DisposeAsync();
            activity?.SetTag("termination", termination.Kind.ToString());
            var s = session.Statistics;
            Log.Ended(logger, session.Id, session.Transport, session.EngineName, time.GetElapsedTime(session.StartedTimestamp).TotalSeconds, s.Turns,
                s.Interruptions, s.BytesIn, s.BytesOut, s.DescribeFirstAudio(), s.Resumptions, s.DroppedAudioMilliseconds, s.Errors, session.Spend?.Total ?? 0,
                termination.Kind, termination.Reason);
        }
        catch (Exception exception)
        {
            Log.EndFailed(logger, session.Id, exception);
        }
        finally
        {
            lease.Dispose();
        }
    }

    private SessionOpening Refuse(VoiceSessionRequest request, SessionRefusal refusal)
    {
        metrics.Refused(request.Transport, refusal.Error.Code);
        Log.Refused(logger, request.Transport, refusal.Status, refusal.Error.Code);
        return new SessionOpening(null, refusal);
    }

    private readonly record struct Watched(VoiceSessionHost Host, VoiceSession Session);

    private sealed record KnownPrices(LimitsOptions Of, PriceTable Table);

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Information,
            "Session {SessionId} ended: {Transport} to {Engine}, {Seconds:F1} s, {Turns} turns, {Interruptions} interrupted, {BytesIn} bytes in, {BytesOut} out, "
            + "{FirstAudio}, resumed {Resumptions} times, {DroppedMs} ms dropped, {Errors} errors, {Usd:F4} USD, {Termination}: {Reason}")]
        public static partial void Ended(ILogger logger, string sessionId, string transport, string engine, double seconds, int turns, int interruptions,
            long bytesIn, long bytesOut, string firstAudio, int resumptions, long droppedMs, int errors, decimal usd, TerminationKind termination, string reason);

        [LoggerMessage(1002, LogLevel.Warning, "Session over {Transport} refused with {Status} {Code}")]
        public static partial void Refused(ILogger logger, string transport, int status, string? code);

        [LoggerMessage(1004, LogLevel.Warning, "A session uses a model that has no prices in VoiceCarnival:Limits:Prices, so it counts as the dearest of them. Add its prices under its name (Azure: the deployment's)")]
        public static partial void PriceMissing(ILogger logger);

        [LoggerMessage(1003, LogLevel.Error, "Session {SessionId} did not end cleanly")]
        public static partial void EndFailed(ILogger logger, string sessionId, Exception exception);
    }
}
