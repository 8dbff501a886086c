using System.Collections.Concurrent;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions;

/// <summary>Whether one more session may start: in all, from one address, and per minute. The seam for a store that several machines share.</summary>
public interface ISessionAdmission
{
    /// <summary>Takes a place, given back by disposing the lease, or says why there is none.</summary>
    (IDisposable? Lease, SessionRefusal? Refusal) TryAdmit(IPAddress? address);
}

/// <summary>Admission within this process.</summary>
public sealed class SessionAdmission : ISessionAdmission, IDisposable
{
    private readonly ConcurrentDictionary<IPAddress, int> _perAddress = new();
    private readonly PartitionedRateLimiter<IPAddress> _starts;
    private readonly IOptionsMonitor<LimitsOptions> _limits;
    private int _sessions;

    /// <summary>Creates the counters; the limits are read at each call.</summary>
    public SessionAdmission(IOptionsMonitor<LimitsOptions> limits)
    {
        _limits = limits;
        _starts = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetSlidingWindowLimiter(address, _ => new()
        {
            PermitLimit = limits.CurrentValue.SessionStartsPerMinute,
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        }));
    }

    /// <inheritdoc/>
    public (IDisposable? Lease, SessionRefusal? Refusal) TryAdmit(IPAddress? address)
    {
        var key = CallerAddress.ForLimits(address);
        using (var start = _starts.AttemptAcquire(key))
        {
            if (!start.IsAcquired)
            {
                return (null, new SessionRefusal(429, new RealtimeError("rate_limit_error", RealtimeErrorCodes.RateLimitExceeded,
                    "Too many sessions were started from this address in the last minute. Try again shortly."), TimeSpan.FromSeconds(10)));
            }
        }

        var limits = _limits.CurrentValue;
        if (Interlocked.Increment(ref _sessions) > limits.MaxSessions)
        {
            Interlocked.Decrement(ref _sessions);
            return (null, Full("This server is at its limit of sessions."));
        }

        int here = _perAddress.AddOrUpdate(key, 1, static (_, n) => n + 1);
        if (here > limits.MaxSessionsPerAddress)
        {
            Release(key);
            return (null, Full("This address is at its limit of sessions. Close one first."));
        }

        return (new Lease(this, key), null);
    }

    /// <inheritdoc/>
    public void Dispose() => _starts.Dispose();

    private static SessionRefusal Full(string message) =>
        new(503, new RealtimeError(RealtimeError.ServerError, "session_limit_reached", message + " Try again later."), TimeSpan.FromSeconds(15));

    private void Release(IPAddress key)
    {
        Interlocked.Decrement(ref _sessions);
        int left = _perAddress.AddOrUpdate(key, 0, static (_, n) => n - 1);
        if (left <= 0)
            _perAddress.TryRemove(KeyValuePair.Create(key, left));
    }

    private sealed class Lease(SessionAdmission owner, IPAddress key) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                owner.Release(key);
        }
    }
}
