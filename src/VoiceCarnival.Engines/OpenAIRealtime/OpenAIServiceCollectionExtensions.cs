using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using VoiceCarnival.Engines.OpenAIRealtime.Calls;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Registers the OpenAI engine.</summary>
public static class OpenAIServiceCollectionExtensions
{
    /// <summary>The OpenAI engine as the one that answers. <see cref="OpenAIOptions"/> and <see cref="CallsOptions"/> are registered by the caller.</summary>
    public static IServiceCollection AddOpenAIEngine(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new WebSocketWatch(provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UpstreamConnector>();
        services.AddSingleton<OpenAIHealth>();
        services.AddSingleton<SafetyIdentifier>();
        services.AddSingleton<IClientSecretMinter, OpenAIClientSecretMinter>();
        services.AddSingleton<IVoiceEngine, OpenAIRealtimeEngine>();
        services.AddSingleton<OpenAICallsClient>();
        services.AddSingleton<CallSidebands>();
        services.AddSingleton<CallRouter>();
        services.AddSingleton<DirectCalls>();
        services.AddSingleton<ICallExchange>(provider => provider.GetRequiredService<DirectCalls>());
        services.AddSingleton<ICallReports>(provider => provider.GetRequiredService<DirectCalls>());
        services.AddSingleton<HostedSip>();
        services.AddSingleton<IWebhookReceiver>(provider => provider.GetRequiredService<HostedSip>());
        services.AddHostedService(provider => provider.GetRequiredService<HostedSip>());
        return services;
    }
}
