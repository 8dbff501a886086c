using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Policy;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions;

/// <summary>Registers the session domain.</summary>
public static class SessionsServiceCollectionExtensions
{
    /// <summary>Sessions, their limits (<c>VoiceCarnival:Limits</c>), directory and metrics. An <see cref="IVoiceEngine"/> is registered elsewhere.</summary>
    public static IServiceCollection AddVoiceSessions(this IServiceCollection services, IConfiguration voiceCarnival)
    {
        services.AddSettings<LimitsOptions>(voiceCarnival.GetSection("Limits"));
        services.AddSingleton<IValidateOptions<LimitsOptions>, LimitsOptionsValidator>();
        services.AddSettings<PolicyOptions>(voiceCarnival.GetSection("Policy"));
        services.AddSingleton<IValidateOptions<PolicyOptions>, PolicyOptionsValidator>();
        services.AddSettings<BetaOptions>(voiceCarnival.GetSection("Beta"));
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SessionMetrics>();
        services.TryAddSingleton<SessionPolicy>();
        services.TryAddSingleton<SessionDirectory>();
        services.TryAddSingleton<CallDirectory>();
        services.TryAddSingleton<ICallClaims>(provider => new CallClaims(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ISessionAdmission, SessionAdmission>();
        services.TryAddSingleton<VoiceSessionHost>();
        services.AddHostedService(provider => provider.GetRequiredService<VoiceSessionHost>());
        return services;
    }
}
