using VoiceCarnival.Engines.Local;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.Engines;

/// <summary>Decides who answers.</summary>
internal static class VoiceEngineRegistration
{
    /// <summary>The local engine whatever is chosen: it is the only one in this build, and the settings check refuses the others.</summary>
    public static IServiceCollection AddVoiceEngine(this IServiceCollection services, IConfigurationSection settings) => services
        .DeclareSettings<LocalEngineOptions>(settings.GetSection("Local"))
        .AddLocalEngine(settings.GetSection("Local"));
}
