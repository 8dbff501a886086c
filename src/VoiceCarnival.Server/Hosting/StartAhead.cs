using OpenTelemetry.Metrics;

namespace VoiceCarnival.Server.Hosting;

/// <summary>
/// Does on another processor, while the start goes on, what it or the first request would wait for: most of a start is code being compiled for its first use.
/// What goes wrong here goes wrong again, and is told, where it is needed.
/// </summary>
internal static class StartAhead
{
    /// <summary>Makes the services that start with the server. To be called before settings are checked and routes are mapped.</summary>
    public static void MakeServicesAhead(this WebApplication app) => Ahead(() =>
    {
        app.Services.GetService<MeterProvider>();
        app.Services.GetServices<IHostedService>();
    });

    /// <summary>Builds the endpoints, which the first request would build otherwise. To be called when all are mapped.</summary>
    public static void MakeRoutesAhead(this WebApplication app) => Ahead(() => _ = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Count);

    private static void Ahead(Action work) => _ = Task.Run(work);
}
