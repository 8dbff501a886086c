using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Transports.Rtp;
using VoiceCarnival.Transports.Sip;
using VoiceCarnival.Transports.WebRtc;

namespace VoiceCarnival.Benchmarks.Echo;

/// <summary>
/// The transports of calls with an engine that says every sound and every event back, in a process of its own: a page at <c>/</c>, offers at <c>/calls</c>, when sounds came at <c>/sounds</c>, phones where it is told.
/// </summary>
internal static class EchoServer
{
    /// <param name="arguments">The port, and that of SIP where phones are wanted.</param>
    public static async Task RunAsync(string[] arguments)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:" + arguments[0]);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Limits:MaxSessions"] = "10000",
            ["Limits:MaxSessionsPerAddress"] = "10000",
            ["Limits:SessionStartsPerMinute"] = "100000",
            ["Sip:Enabled"] = arguments.Length > 1 ? "true" : "false",
            ["Sip:Port"] = arguments.Length > 1 ? arguments[1] : "0",
            ["Sip:Greets"] = "false",
            ["Sip:MaxCalls"] = "10000",
            ["Sip:MaxCallsPerAddress"] = "10000",
            ["Sip:MaxCallsPerSecond"] = "10000",
            ["Sip:MaxCallsPerSecondPerAddress"] = "10000",
        });
        builder.Services
            .AddMetrics()
            .AddSingleton<SoundEchoEngine>()
            .AddSingleton<IVoiceEngine>(provider => provider.GetRequiredService<SoundEchoEngine>())
            .AddVoiceSessions(builder.Configuration)
            .AddRtpMedia(builder.Configuration.GetSection("Media"))
            .AddWebRtcTransport(builder.Configuration.GetSection("WebRtc"))
            .AddSipTransport(builder.Configuration.GetSection("Sip"));
        await using var app = builder.Build();
        app.MapGet("/", () => Results.Content("<!doctype html><title>Echo</title>", "text/html"));
        app.MapGet("/sounds", (SoundEchoEngine engine) => Results.Json(engine.Sounds()));
        app.MapPost("/calls", async (HttpRequest request, ICallExchange exchange, CancellationToken cancellationToken) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            var opening = await exchange.OpenAsync(new CallOffer(body.ToArray(), default, null, Caller.Anonymous, IPAddress.Loopback), cancellationToken);
            return opening.Refusal is { } refusal ? Results.Problem(refusal.Error.Message) : Results.Bytes(opening.Answer.ToArray(), "application/sdp");
        });
        await app.StartAsync();
        Console.WriteLine("listening");
        await Task.Run(Console.In.ReadLine);
    }
}
