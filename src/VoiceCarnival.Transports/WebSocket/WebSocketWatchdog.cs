using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>Gives every write its deadline: one look at all connections a second instead of a timer per write.</summary>
internal sealed class WebSocketWatchdog(TimeProvider time) : BackgroundService
{
    private readonly ConcurrentDictionary<WebSocketConnection, byte> _connections = new();

    public void Watch(WebSocketConnection connection) => _connections[connection] = 0;

    public void Forget(WebSocketConnection connection) => _connections.TryRemove(connection, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (connection, _) in _connections)
                {
                    if (connection.IsStuck)
                        connection.Abort();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // shutting down
        }
    }
}
