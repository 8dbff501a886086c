using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.Options;

/// <summary>Declares the settings that no feature of its own declares yet.</summary>
internal static class GatewaySettings
{
    public static IServiceCollection AddGatewaySettings(this IServiceCollection services, IConfigurationSection settings)
    {
        services.AddSettings<GatewayOptions>(settings);
        services.AddSettings<SipOptions>(settings.GetSection("Sip"));
        services.AddSingleton<IValidateOptions<SipOptions>>(new NotInThisBuild<SipOptions>(o => o.Enabled,
            "VoiceCarnival:Sip:Enabled is true, but this build has no SIP transport"));
        return services;
    }

    private sealed class NotInThisBuild<TOptions>(Predicate<TOptions> asked, string message) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            asked(options) ? ValidateOptionsResult.Fail(message) : ValidateOptionsResult.Success;
    }
}
