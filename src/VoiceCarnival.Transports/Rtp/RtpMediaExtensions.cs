using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>Registers the audio of calls.</summary>
public static class RtpMediaExtensions
{
    /// <summary>The audio of calls; settings from <paramref name="section"/> (<c>VoiceCarnival:Media</c>). May be asked for by several transports.</summary>
    public static IServiceCollection AddRtpMedia(this IServiceCollection services, IConfigurationSection section)
    {
        if (services.Any(service => service.ServiceType == typeof(RtpMedia)))
            return services;
        services.AddSettings<RtpMediaOptions>(section);
        services.TryAddSingleton<MediaClock>(provider => new ThreadedMediaClock(provider.GetRequiredService<IOptions<RtpMediaOptions>>().Value.Threads));
        services.AddSingleton<RtpMedia>();
        return services;
    }
}
