using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Health;

/// <summary><c>GET /healthz</c>: the process is alive. <c>GET /readyz</c>: the engine could take a session.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan EngineTimeout = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddReadiness(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<EngineHealthCheck>(EngineHealthCheck.Name, timeout: EngineTimeout);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAliveAsync });
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { ResponseWriter = WriteReadyAsync });
    }

    private static Task WriteAliveAsync(HttpContext context, HealthReport report) => WriteAsync(context, "alive", null, null);

    private static Task WriteReadyAsync(HttpContext context, HealthReport report)
    {
        string engine = context.RequestServices.GetRequiredService<IVoiceEngine>().Name;
        if (report.Status == HealthStatus.Healthy)
            return WriteAsync(context, "ready", engine, null);
        var entry = report.Entries[EngineHealthCheck.Name];
        string reason = entry.Exception is null
            ? entry.Description ?? "The engine is not ready."
            : "The engine's check failed. The log has the details.";
        return WriteAsync(context, "not_ready", engine, reason);
    }

    private static async Task WriteAsync(HttpContext context, string status, string? engine, string? reason)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("status", status);
        if (engine is not null)
            writer.WriteString("engine", engine);
        if (reason is not null)
        {
            writer.WriteString("reason", reason);
            HttpErrors.WriteError(writer, new RealtimeError(RealtimeError.ServerError, "engine_not_ready", reason));
        }

        writer.WriteEndObject();
    }
}
