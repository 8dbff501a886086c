using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Server.Access;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Server.Endpoints;

/// <summary><c>GET /api/config</c>: what a page needs to know before it connects.</summary>
internal static class ConfigEndpoint
{
    public static string Version { get; } =
        typeof(ConfigEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public static void MapConfig(this IEndpointRouteBuilder routes) =>
        routes.MapApi(RateLimits.Api).MapGet("/api/config", Describe)
            .WithName("getConfig").WithTags("Gateway")
            .WithSummary("What this server offers")
            .WithDescription("The engine that answers, its models and voices, each transport with the reason when it is unavailable, whether this caller must send a key, and the limits.")
            .ProducesErrors(429);

    private static Ok<ConfigResponse> Describe(
        HttpContext context, IVoiceEngine engine, IEnumerable<ITransportDescriptor> transports, CallerAuthenticator callers, IOptionsMonitor<LimitsOptions> limits)
    {
        var description = engine.Describe();
        var limit = limits.CurrentValue;
        return TypedResults.Ok(new ConfigResponse(
            "VoiceCarnival",
            Version,
            new ConfigEngine(engine.Name, description.Brain, description.Model, description.Models, description.Voices, description.Description, ToConfig(description.Services)),
            callers.IsRequired(HttpCaller.IsLoopback(context)) ? "required" : "none",
            [.. transports.Select(transport => ToConfig(transport, context.Request))],
            new ConfigLimits(limit.MaxSessionMinutes, limit.MaxIdleSeconds, limit.ResumeGraceSeconds, limit.SessionStartsPerMinute, limit.MaxSessionsPerAddress,
                limit.SessionStartsPerMinutePerCaller, limit.MaxSessionsPerCaller, limit.MaxSessions, limit.MaxSpendPerSession, limit.MaxSpendPerDay)));
    }

    private static ConfigServices? ToConfig(SpeechServices? services)
    {
        return services is null ? null : new ConfigServices(Service(services.Recognition), Service(services.Synthesis), Service(services.Chat));

        static ConfigService Service(ServiceState state) => new(state.Name, state.Available, state.IsRemote, state.Reason);
    }

    private static ConfigTransport ToConfig(ITransportDescriptor transport, HttpRequest request)
    {
        var (available, reason, url) = transport.Describe();
        return new ConfigTransport(transport.Id, transport.Name, available, reason, url is null ? null : request.RelativeUrl(url));
    }
}
