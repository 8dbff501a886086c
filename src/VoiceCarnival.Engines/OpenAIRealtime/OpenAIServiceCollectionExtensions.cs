using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Registers the OpenAI engine.</summary>
public static class OpenAIServiceCollectionExtensions
{
    /// <summary>The OpenAI engine as the one that answers. <see cref="OpenAIOptions"/> are registered by the caller.</summary>
    public static IServiceCollection AddOpenAIEngine(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new WebSocketWatch(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UpstreamConnector>();
        services.AddSingleton<OpenAIHealth>();
        services.AddSingleton<SafetyIdentifier>();
        services.AddSingleton<IClientSecretMinter, OpenAIClientSecretMinter>();
        services.AddSingleton<IVoiceEngine, OpenAIRealtimeEngine>();
        return services;
    }
}
