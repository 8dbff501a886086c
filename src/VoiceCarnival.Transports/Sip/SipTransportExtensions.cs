using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Registers the SIP transport.</summary>
public static class SipTransportExtensions
{
    /// <summary>Takes phone calls; settings from <paramref name="section"/> (<c>VoiceCarnival:Sip</c>). Wants the audio of calls (<c>AddRtpMedia</c>).</summary>
    public static IServiceCollection AddSipTransport(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddSettings<SipOptions>(section);
        services.AddSingleton<IValidateOptions<SipOptions>, SipOptionsValidator>();
        services.AddSingleton<IValidateOptions<SipOptions>, SipAgentsValidator>();
        services.AddHttpClient(HostedCalls.ClientName, client => client.Timeout = TimeSpan.FromSeconds(10));
        services.AddSingleton<SipAgents>();
        services.AddSingleton<SipTrunks>();
        services.AddSingleton<SipTrace>();
        services.AddSingleton<PhoneMetrics>();
        services.AddSingleton<HostedCalls>();
        services.AddSingleton<SipCalls>();
        services.AddSingleton<IPhoneCalls, PhoneCalls>();
        services.AddSingleton<SipServer>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<SipServer>());
        services.AddSingleton<ISipDescription, SipDescription>();
        services.AddSingleton<ITransportDescriptor>(provider => (SipDescription)provider.GetRequiredService<ISipDescription>());
        return services;
    }
}
