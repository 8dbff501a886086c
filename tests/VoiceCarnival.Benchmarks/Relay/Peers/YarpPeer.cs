using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace VoiceCarnival.Benchmarks.Relay.Peers;

/// <summary>YARP as it comes, in a process of its own.</summary>
internal static class YarpPeer
{
    public static async Task<RelayPeer> StartAsync(int upstreamPort)
    {
        int port = FreePort.Find();
        var process = BenchmarkProcess.Start(isLean: false, "relay-yarp", Text(port), Text(upstreamPort));
        await PeerStart.WaitAsync(port, null);
        return new RelayPeer("yarp", port, () => [process.Id], process.DisposeAsync);
    }

    /// <summary>The process's part.</summary>
    /// <param name="arguments">The ports of the proxy and of the upstream.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{arguments[0]}");
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "{**all}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "upstream",
                    Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["one"] = new() { Address = $"http://127.0.0.1:{arguments[1]}/" } },
                },
            ]);
        var app = builder.Build();
        app.MapReverseProxy();
        await app.RunAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
