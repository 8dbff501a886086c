using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Speech.VoiceActivity;

namespace VoiceCarnival.Speech;

/// <summary>Registers the embedded speech.</summary>
public static class SpeechServiceCollectionExtensions
{
    /// <summary>What the local engine hears with.</summary>
    public static IServiceCollection AddEmbeddedSpeech(this IServiceCollection services)
    {
        services.AddSingleton<SileroVoiceActivityDetectorFactory>();
        services.AddSingleton<IVoiceActivityDetectorFactory>(static provider => provider.GetRequiredService<SileroVoiceActivityDetectorFactory>());
        services.AddHostedService(static provider => provider.GetRequiredService<SileroVoiceActivityDetectorFactory>());
        return services;
    }
}
