using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.Options;

/// <summary>Declares the settings that no feature of its own declares yet.</summary>
internal static class GatewaySettings
{
    public static IServiceCollection AddGatewaySettings(this IServiceCollection services, IConfigurationSection settings)
    {
        services.AddSettings<GatewayOptions>(settings);
        return services;
    }
}
