using System.Net;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>
/// Counts by address those that were not let in and are told so over an open socket, which costs more than an HTTP status, and a line in the log. Past <see cref="LimitsOptions.ApiRequestsPerMinute"/>
/// they get the status.
/// </summary>
internal sealed class RefusedHandshakes(IOptionsMonitor<LimitsOptions> limits) : IDisposable
{
    private readonly PartitionedRateLimiter<IPAddress> _refused = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetSlidingWindowLimiter(address, _ => new()
    {
        PermitLimit = limits.CurrentValue.ApiRequestsPerMinute,
        Window = TimeSpan.FromMinutes(1),
        SegmentsPerWindow = 6,
        QueueLimit = 0,
    }));

    /// <summary>What an address gets that was refused too often.</summary>
    public static SessionRefusal TooMany { get; } = new(429, new RealtimeError("rate_limit_error", RealtimeErrorCodes.RateLimitExceeded,
        "Too many requests from this address were refused in the last minute. Try again shortly, with a valid key and a valid request."), TimeSpan.FromSeconds(10));

    /// <summary>Counts one more.</summary>
    /// <returns>False when it is one too many.</returns>
    public bool TryTake(IPAddress? address)
    {
        using var lease = _refused.AttemptAcquire(CallerAddress.ForLimits(address));
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose() => _refused.Dispose();
}
