using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Access;

/// <summary>How many requests an address may make in a minute.</summary>
internal static class RateLimits
{
    public const string Tokens = "tokens";
    public const string Api = "api";
    private static readonly TimeSpan DefaultRetryAfter = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter();
        services.AddOptions<RateLimiterOptions>().Configure<IOptionsMonitor<LimitsOptions>>((options, limits) =>
        {
            options.AddPolicy(Tokens, context => PerAddress(context, () => limits.CurrentValue.TokenRequestsPerMinute));
            options.AddPolicy(Api, context => PerAddress(context, () => limits.CurrentValue.ApiRequestsPerMinute));
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = RefuseAsync;
        });
        return services;
    }

    private static RateLimitPartition<System.Net.IPAddress> PerAddress(HttpContext context, Func<int> permits) =>
        RateLimitPartition.GetSlidingWindowLimiter(CallerAddress.ForLimits(context.Connection.RemoteIpAddress), _ => new SlidingWindowRateLimiterOptions
        {
            PermitLimit = permits(),
            Window = TimeSpan.FromMinutes(1),
            SegmentsPerWindow = 6,
            QueueLimit = 0,
        });

    private static ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var retryAfter = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > TimeSpan.Zero ? wait : DefaultRetryAfter;
        var refusal = new SessionRefusal(StatusCodes.Status429TooManyRequests, new RealtimeError("rate_limit_error", RealtimeErrorCodes.RateLimitExceeded,
            "Too many requests came from this address in the last minute. Try again shortly."), retryAfter);
        rejected.HttpContext.RequestServices.GetRequiredService<AccessMetrics>().Refused(refusal);
        return new ValueTask(HttpErrors.WriteAsync(rejected.HttpContext, refusal));
    }
}
