using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Registers access control.</summary>
public static class AccessServiceCollectionExtensions
{
    /// <summary>Keys, client secrets and origins, <c>VoiceCarnival:Access</c>.</summary>
    public static IServiceCollection AddVoiceAccess(this IServiceCollection services, IConfiguration voiceCarnival)
    {
        services.AddSettings<AccessOptions>(voiceCarnival.GetSection("Access"));
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AccessMetrics>();
        services.TryAddSingleton<OriginPolicy>();
        services.TryAddSingleton<IClientSecretStore>(provider => new ClientSecretStore(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ClientSecretMinter>();
        services.TryAddSingleton<IClientSecretMinter>(provider => provider.GetRequiredService<ClientSecretMinter>());
        services.TryAddSingleton<CallerAuthenticator>();
        services.TryAddSingleton<ICallerAuthenticator>(provider => provider.GetRequiredService<CallerAuthenticator>());
        return services;
    }
}
