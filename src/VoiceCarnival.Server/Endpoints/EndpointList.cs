using VoiceCarnival.Server.Health;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>Everything that is asked by HTTP, beside the page and what transports add.</summary>
internal static class EndpointList
{
    public static void MapEndpoints(this IEndpointRouteBuilder routes)
    {
        routes.MapConfig();
        routes.MapTokens();
        routes.MapBetaTokens();
        routes.MapCalls();
        routes.MapCallControl();
        routes.MapSessions();
        routes.MapWebhooks();
        routes.MapSip();
        routes.MapPhoneCalls();
        routes.MapApiDescription();
        routes.MapHealth();
        routes.MapPrometheusScrapingEndpoint("/metrics");
    }
}
