namespace VoiceCarnival.Server.Hosting;

/// <summary>
/// Builds the endpoints while the services start. They would be built by the first request otherwise, which would wait for it: compiling the code for all of their
/// parameters and answers is a good part of a start.
/// </summary>
internal sealed class RoutesAhead(EndpointDataSource endpoints) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // What is wrong with a route is told by the first request, as ever.
        _ = Task.Run(() => _ = endpoints.Endpoints.Count, cancellationToken);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
