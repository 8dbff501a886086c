using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Calls;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Transports.WebRtc.Network;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>Registers the WebRTC transport.</summary>
public static class WebRtcTransportExtensions
{
    /// <summary>WebRTC calls whose media come here; settings from <paramref name="section"/> (<c>VoiceCarnival:WebRtc</c>). <c>AddRtpMedia</c> is the caller's.</summary>
    public static IServiceCollection AddWebRtcTransport(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddSettings<WebRtcOptions>(section);
        services.AddSingleton<IValidateOptions<WebRtcOptions>, WebRtcOptionsValidator>();
        services.AddSingleton<IceServers>();
        services.AddSingleton<MediaPort>();
        services.AddSingleton<WebRtcMetrics>();
        services.AddSingleton<PeerServices>();
        services.AddSingleton<PeerDemultiplexer>();
        services.AddSingleton<WebRtcCalls>();
        services.AddSingleton<ICallExchange>(provider => provider.GetRequiredService<WebRtcCalls>());
        services.AddSingleton<ITransportDescriptor, WebRtcDescriptor>();
        services.AddHostedService<WebRtcHost>();
        return services;
    }
}
