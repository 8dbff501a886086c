using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Hosting;

/// <summary>Says once at start what works but is probably not meant.</summary>
internal sealed partial class StartupWarnings(
    IServer server, IVoiceEngine engine, IOptions<AccessOptions> access, ILogger<StartupWarnings> logger) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        string? open = addresses.FirstOrDefault(address => !IsLoopback(address));
        Log.Ready(logger, engine.Name, string.Join(", ", addresses));
        if (open is not null && access.Value.Authentication == AuthenticationMode.Off)
            Log.OpenToAll(logger, open);
        if (open is not null && access.Value.Authentication != AuthenticationMode.Off && access.Value.ApiKeys.Count == 0)
            Log.ClosedToAll(logger, open);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal static bool IsLoopback(string address)
    {
        var binding = BindingAddress.Parse(address);
        if (binding.IsUnixPipe || binding.IsNamedPipe)
            return true;
        string host = binding.Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "VoiceCarnival is ready: the {Engine} engine answers at {Addresses}")]
        public static partial void Ready(ILogger logger, string engine, string addresses);

        [LoggerMessage(2003, LogLevel.Warning,
            "Anyone who reaches {Address} can use this server, since VoiceCarnival:Access:Authentication is off. Set it to auto and add VoiceCarnival:Access:ApiKeys")]
        public static partial void OpenToAll(ILogger logger, string address);

        [LoggerMessage(2004, LogLevel.Warning,
            "Nobody can use this server from another machine at {Address}: callers there need a key and VoiceCarnival:Access:ApiKeys is empty. "
            + "Add a key, or set VoiceCarnival:Access:Authentication to off in a network that you trust")]
        public static partial void ClosedToAll(ILogger logger, string address);
    }
}
