using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Server.Hosting;

/// <summary>Says once at start what works but is probably not meant.</summary>
internal sealed partial class StartupWarnings(
    IServer server, IVoiceEngine engine, IOptions<AccessOptions> access, SessionPolicy policy, ILogger<StartupWarnings> logger) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        string? open = addresses.FirstOrDefault(address => !ListenAddresses.IsLoopback(address));
        Log.Ready(logger, engine.Name, string.Join(", ", addresses));
        if (open is not null && access.Value.Authentication == AuthenticationMode.Off)
            Log.OpenToAll(logger, open);
        if (open is not null && access.Value.Authentication != AuthenticationMode.Off && access.Value.ApiKeys.Count == 0 && !access.Value.Jwt.IsConfigured)
            Log.ClosedToAll(logger, open);
        if (open is null && access.Value.Authentication == AuthenticationMode.Auto && access.Value.TrustedProxies.Length == 0)
            Log.OpenToThisMachine(logger);
        if (engine.Name == "openai" && policy.IsBypassedByDirectTokens)
            Log.PolicyIsBypassed(logger);
        foreach (string field in policy.UnknownFields)
            Log.FieldIsUnknown(logger, field);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information, "VoiceCarnival is ready: the {Engine} engine answers at {Addresses}")]
        public static partial void Ready(ILogger logger, string engine, string addresses);

        [LoggerMessage(2007, LogLevel.Information,
            "Callers on this machine need no key. To a proxy on it that would let everybody in: set VoiceCarnival:Access:Authentication first, and VoiceCarnival:Access:TrustedProxies")]
        public static partial void OpenToThisMachine(ILogger logger);

        [LoggerMessage(2003, LogLevel.Warning,
            "Anyone who reaches {Address} can use this server, since VoiceCarnival:Access:Authentication is off. Set it to required and add VoiceCarnival:Access:ApiKeys or VoiceCarnival:Access:Jwt")]
        public static partial void OpenToAll(ILogger logger, string address);

        [LoggerMessage(2004, LogLevel.Warning,
            "Nobody can use this server from another machine at {Address}: callers there need a key and there is none in VoiceCarnival:Access:ApiKeys, nor is VoiceCarnival:Access:Jwt set. "
            + "Add one, or set VoiceCarnival:Access:Authentication to off in a network that you trust")]
        public static partial void ClosedToAll(ILogger logger, string address);

        [LoggerMessage(2005, LogLevel.Warning,
            "VoiceCarnival:Policy binds callers on this server only: who mints a client secret may take it to the service directly and set there what the policy forbids here. "
            + "VoiceCarnival:Policy:DirectTokens false keeps them on this server")]
        public static partial void PolicyIsBypassed(ILogger logger);

        [LoggerMessage(2006, LogLevel.Warning,
            "VoiceCarnival:Policy:AllowedFields lists {Field}, which is no field of session.update or response.create that this version knows. If it is misspelt, callers may not set what you meant")]
        public static partial void FieldIsUnknown(ILogger logger, string field);
    }
}
