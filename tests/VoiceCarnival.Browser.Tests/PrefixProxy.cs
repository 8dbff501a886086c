using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Configuration;

namespace VoiceCarnival.Browser.Tests;

/// <summary>A reverse proxy that has a server below a path and nothing beside it: it takes the path off, and says so in <c>X-Forwarded-Prefix</c>.</summary>
internal sealed class PrefixProxy : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PrefixProxy(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where the server is to be had through it.</summary>
    public Uri Address { get; }

    /// <param name="prefix">With a slash before it and none behind.</param>
    /// <param name="upstream">The server.</param>
    public static async Task<PrefixProxy> StartAsync(string prefix, Uri upstream)
    {
        var origin = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(origin.ToString());
        builder.Services.AddReverseProxy().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "{**all}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "upstream",
                    Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["one"] = new() { Address = upstream.ToString() } },
                },
            ]);
        var app = builder.Build();
        app.UsePathBase(prefix);
        app.Use((context, next) =>
        {
            if (context.Request.PathBase.HasValue)
                return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseRouting(); // by the path without it
        app.MapReverseProxy();
        await app.StartAsync();
        return new PrefixProxy(app, new Uri(origin, prefix + "/"));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
