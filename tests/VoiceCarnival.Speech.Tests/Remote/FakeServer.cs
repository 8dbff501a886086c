using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceCarnival.Speech.Tests.Remote;

/// <summary>A server with OpenAI's paths on a free port of this machine, which answers as the test says and keeps what it was asked.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeServer(WebApplication app) => _app = app;

    /// <summary>Where its API begins.</summary>
    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>Paths, keys and bodies of what it was asked, in order.</summary>
    public List<(string Path, string Key, string Body)> Requests { get; } = [];

    public static async Task<FakeServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new FakeServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, System.Text.Encoding.Latin1);
            string body = await reader.ReadToEndAsync(context.RequestAborted);
            lock (server.Requests)
                server.Requests.Add((context.Request.Path, context.Request.Headers.Authorization.ToString(), body));
            await answer(context);
        });
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
