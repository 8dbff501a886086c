using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using VoiceCarnival.Server.Endpoints;

namespace VoiceCarnival.Server.Telemetry;

/// <summary>Metrics for Prometheus at <c>/metrics</c>; metrics and traces over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set.</summary>
internal static class TelemetryRegistration
{
    private const string Own = "VoiceCarnival.*";
    // No instrument here has more combinations of tags; the default, 2000, is reserved in memory for each instrument.
    private const int MostTagSets = 250;
    private static readonly string[] Quiet = ["/metrics", "/healthz", "/readyz"];

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        bool hasCollector = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(configuration["OTEL_SERVICE_NAME"] ?? "voicecarnival", serviceVersion: ConfigEndpoint.Version))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Own, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.AspNetCore.RateLimiting")
                    .AddRuntimeInstrumentation()
                    .AddView(static _ => new MetricStreamConfiguration { CardinalityLimit = MostTagSets })
                    .AddPrometheusExporter();
                if (hasCollector)
                    metrics.AddOtlpExporter();
            });
        // Without a collector nobody would ever see a trace; making them costs every start and every request.
        if (hasCollector)
        {
            telemetry.WithTracing(traces => traces.AddSource(Own)
                .AddAspNetCoreInstrumentation(options => options.Filter = context => !Quiet.Contains(context.Request.Path.Value, StringComparer.Ordinal))
                .AddOtlpExporter());
        }

        return services;
    }
}
