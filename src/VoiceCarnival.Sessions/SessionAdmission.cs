using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Spend;

namespace VoiceCarnival.Sessions;

/// <summary>Admission within this process: counts and the day's money are in memory, and are gone when it ends.</summary>
public sealed class SessionAdmission : ISessionAdmission, IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    private readonly IOptionsMonitor<LimitsOptions> _limits;
    private readonly TimeProvider _time;
    private readonly PartitionedRateLimiter<IPAddress> _startsOfAddress;
    private readonly PartitionedRateLimiter<string> _startsOfCaller;
    private readonly Occupancy<IPAddress> _addresses = new();
    private readonly Occupancy<string> _callers = new();
    private readonly Lock _spendGate = new();
    private DateOnly _day;
    private decimal _spent;
    private int _sessions;

    /// <summary>Creates the counters; the limits are read at each call.</summary>
    public SessionAdmission(IOptionsMonitor<LimitsOptions> limits, TimeProvider time)
    {
        _limits = limits;
        _time = time;
        _startsOfAddress = PerMinute<IPAddress>(() => limits.CurrentValue.SessionStartsPerMinute);
        _startsOfCaller = PerMinute<string>(() => limits.CurrentValue.SessionStartsPerMinutePerCaller);
    }

    /// <inheritdoc/>
    public ValueTask<SessionAdmissionResult> TryAdmitAsync(IPAddress? address, Caller caller, CancellationToken cancellationToken)
    {
        var (lease, refusal) = TryAdmit(address, caller);
        return new(new SessionAdmissionResult(lease, refusal));
    }

    /// <inheritdoc/>
    public ValueTask<SessionRefusal?> CheckSpendAsync(CancellationToken cancellationToken) => new(CheckSpend());

    /// <inheritdoc/>
    public void Charge(decimal usd)
    {
        lock (_spendGate)
        {
            Turn();
            _spent += usd;
        }
    }

    /// <inheritdoc/>
    public decimal SpentToday
    {
        get
        {
            lock (_spendGate)
            {
                Turn();
                return _spent;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _startsOfAddress.Dispose();
        _startsOfCaller.Dispose();
    }

    internal (IDisposable? Lease, SessionRefusal? Refusal) TryAdmit(IPAddress? address, Caller caller)
    {
        var limits = _limits.CurrentValue;
        var from = CallerAddress.ForLimits(address);
        // Strangers have only their address; callers by phone, who prove nothing either, have their number.
        string? name = caller.Kind == CallerKind.Anonymous && caller.Name == Caller.Anonymous.Name ? null : caller.Name;

        if (Wait(_startsOfAddress, from) is { } wait)
            return (null, TooMany(RealtimeErrorCodes.RateLimitExceeded, "Too many sessions were started from this address in the last minute. Try again shortly.", wait));
        if (name is not null && Wait(_startsOfCaller, name) is { } callersWait)
            return (null, TooMany(RealtimeErrorCodes.RateLimitExceeded, "This caller has started too many sessions in the last minute. Try again shortly.", callersWait));
        if (CheckSpend() is { } broke)
            return (null, broke);
        if (Interlocked.Increment(ref _sessions) > limits.MaxSessions)
        {
            Interlocked.Decrement(ref _sessions);
            return (null, new SessionRefusal(503, new RealtimeError(RealtimeError.ServerError, "session_limit_reached", "This server is at its limit of sessions. Try again later."), Soon));
        }

        if (!_addresses.TryEnter(from, limits.MaxSessionsPerAddress))
        {
            Interlocked.Decrement(ref _sessions);
            return (null, TooMany("session_limit_reached", "This address is at its limit of sessions. Close one first.", Soon));
        }

        if (name is not null && !_callers.TryEnter(name, limits.MaxSessionsPerCaller))
        {
            _addresses.Leave(from);
            Interlocked.Decrement(ref _sessions);
            return (null, TooMany("session_limit_reached", "This caller is at its limit of sessions. Close one first.", Soon));
        }

        return (new Lease(this, from, name), null);
    }

    private static PartitionedRateLimiter<TKey> PerMinute<TKey>(Func<int> permits)
        where TKey : notnull => PartitionedRateLimiter.Create<TKey, TKey>(key => RateLimitPartition.GetSlidingWindowLimiter(key, _ => new()
        {
            PermitLimit = permits(),
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        }));

    // Null when one more may start now, else how long to wait.
    private static TimeSpan? Wait<TKey>(PartitionedRateLimiter<TKey> starts, TKey key)
    {
        using var start = starts.AttemptAcquire(key);
        if (start.IsAcquired)
            return null;
        return start.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(10);
    }

    private static SessionRefusal TooMany(string code, string message, TimeSpan retryAfter) => new(429, new RealtimeError("rate_limit_error", code, message), retryAfter);

    private SessionRefusal? CheckSpend()
    {
        if (_limits.CurrentValue.MaxSpendPerDay is not { } most || SpentToday < most)
            return null;
        var now = _time.GetUtcNow();
        return new SessionRefusal(503, SpendLimit.OfDay, now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime);
    }

    // A new day begins at midnight UTC.
    private void Turn()
    {
        var today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (today == _day)
            return;
        _day = today;
        _spent = 0;
    }

    private sealed class Lease(SessionAdmission owner, IPAddress address, string? caller) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) != 0)
                return;
            Interlocked.Decrement(ref owner._sessions);
            owner._addresses.Leave(address);
            if (caller is not null)
                owner._callers.Leave(caller);
        }
    }
}
