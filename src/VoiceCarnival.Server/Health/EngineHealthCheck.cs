using Microsoft.Extensions.Diagnostics.HealthChecks;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.Health;

/// <summary>Asks the engine whether it could take a session now.</summary>
internal sealed class EngineHealthCheck(IVoiceEngine engine) : IHealthCheck
{
    public const string Name = "engine";

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        EngineHealth health;
        try
        {
            // An engine that ignores the token must not hold up the answer.
            health = await engine.CheckHealthAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The engine did not answer within 2 seconds.");
        }

        return health.Ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(health.Reason ?? "The engine is not ready.");
    }
}
