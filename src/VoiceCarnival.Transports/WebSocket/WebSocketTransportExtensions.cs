using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>Registers and maps the WebSocket transport.</summary>
public static class WebSocketTransportExtensions
{
    // Over https browsers speak HTTP/2, where a WebSocket opens with CONNECT instead of GET (RFC 8441, section 4).
    private static readonly string[] Methods = ["GET", "CONNECT"];

    /// <summary>The WebSocket transport; settings from <paramref name="section"/> (<c>VoiceCarnival:WebSocket</c>).</summary>
    public static IServiceCollection AddWebSocketTransport(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<WebSocketTransportOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<RefusedHandshakes>();
        services.AddSingleton<WebSocketConnectionHandler>();
        services.TryAddSingleton(provider => new WebSocketWatch(provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Maps <c>/v1/realtime</c>. Needs <c>UseWebSockets()</c> before it.</summary>
    public static IEndpointConventionBuilder? MapWebSocketTransport(this IEndpointRouteBuilder endpoints)
    {
        if (!endpoints.ServiceProvider.GetRequiredService<IOptions<WebSocketTransportOptions>>().Value.Enabled)
            return null;
        var handler = endpoints.ServiceProvider.GetRequiredService<WebSocketConnectionHandler>();
        // Without a version for clients whose base URL lacks it, such as Azure's.
        endpoints.MapMethods("/realtime", Methods, handler.HandleAsync).ExcludeFromDescription();
        return endpoints.MapMethods("/v1/realtime", Methods, handler.HandleAsync)
            .WithName("realtime")
            .WithSummary("Realtime over WebSocket")
            .WithDescription("Speaks the OpenAI Realtime GA protocol. Query: model (or deployment), intent=transcription, resume, call_id (listens in on a call that runs). Subprotocols: realtime, openai-insecure-api-key.<key>, voicecarnival.pcm16.");
    }
}
