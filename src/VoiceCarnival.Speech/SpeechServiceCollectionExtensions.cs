using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Speech.NoiseReduction;
using VoiceCarnival.Speech.Recognition;
using VoiceCarnival.Speech.Remote;
using VoiceCarnival.Speech.Synthesis;
using VoiceCarnival.Speech.VoiceActivity;

namespace VoiceCarnival.Speech;

/// <summary>Registers what the local engine hears, speaks and thinks with.</summary>
public static class SpeechServiceCollectionExtensions
{
    private const string NoRecogniser = "There is no recogniser, so there are no transcripts. On Debian and Ubuntu: apt-get install libpocketsphinx3 pocketsphinx-en-us; or set VoiceCarnival:Local:SpeechToText to a server with OpenAI's transcriptions.";

    /// <summary>The settings of <see cref="AddSpeech"/>, which are checked whoever answers.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="local"><c>VoiceCarnival:Local</c>.</param>
    public static IServiceCollection AddSpeechSettings(this IServiceCollection services, IConfigurationSection local) => services
        .AddSingleton<IValidateOptions<RecognitionOptions>, RemoteServiceValidator>()
        .AddSingleton<IValidateOptions<SynthesisOptions>, RemoteServiceValidator>()
        .AddSingleton<IValidateOptions<ChatModelOptions>, RemoteServiceValidator>()
        .AddSettings<RecognitionOptions>(local.GetSection("SpeechToText"))
        .AddSettings<SynthesisOptions>(local.GetSection("TextToSpeech"))
        .AddSettings<ChatModelOptions>(local.GetSection("ChatModel"));

    /// <summary>
    /// The services: <see cref="IVoiceActivityDetectorFactory"/>, <see cref="INoiseSuppressorFactory"/>, and as far as they are there <see cref="ISpeechToTextClient"/>,
    /// <see cref="ITextToSpeechClient"/> and <see cref="IChatClient"/>. <see cref="SpeechServices"/> tells which are not, and why.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="local"><c>VoiceCarnival:Local</c>. Read here and not through options, since what is registered depends on it; the check of settings reports what is wrong with it.</param>
    public static IServiceCollection AddSpeech(this IServiceCollection services, IConfigurationSection local)
    {
        if (local["VoiceActivity"] != "energy")
        {
            services.AddSingleton<SileroVoiceActivityDetectorFactory>();
            services.AddSingleton<IVoiceActivityDetectorFactory>(static provider => provider.GetRequiredService<SileroVoiceActivityDetectorFactory>());
            services.AddSingleton<IWarmUp>(static provider => provider.GetRequiredService<SileroVoiceActivityDetectorFactory>());
        }

        services.AddSingleton<RnnoiseSuppressorFactory>();
        services.AddSingleton<INoiseSuppressorFactory>(static provider => provider.GetRequiredService<RnnoiseSuppressorFactory>());
        services.AddSingleton(new SpeechServices(
            AddRecognition(services, local.GetSection("SpeechToText"), listens: local["Brain"] != "script"),
            AddSynthesis(services, local.GetSection("TextToSpeech"), speaks: local["Brain"] != "script"),
            AddChatModel(services, local.GetSection("ChatModel"))));
        // Last, since it matters to the fewest.
        services.AddSingleton<IWarmUp>(static provider => provider.GetRequiredService<RnnoiseSuppressorFactory>());
        return services.AddHostedService<SpeechWarmUp>();
    }

    private static ServiceState AddRecognition(IServiceCollection services, IConfigurationSection settings, bool listens)
    {
        string provider = settings["Provider"] ?? "auto";
        if (provider == "none")
            return new ServiceState("none", false, "Recognition is switched off: VoiceCarnival:Local:SpeechToText:Provider is none.");
        if (provider == "openai")
        {
            services.AddSingleton<ISpeechToTextClient>(static provider => new RemoteSpeechToTextClient(provider.GetRequiredService<IOptions<RecognitionOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
            return new ServiceState(Host(settings), true, IsRemote: true);
        }

        if (PocketSphinxModel.Find(settings["ModelPath"]) is not { } model || !PocketSphinxLibrary.IsAvailable)
            return new ServiceState(PocketSphinxSpeechToTextClient.Name, false, NoRecogniser);
        services.AddSingleton(provider => Recogniser(model, provider.GetRequiredService<IOptions<RecognitionOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ISpeechToTextClient>(static provider => provider.GetRequiredService<PocketSphinxSpeechToTextClient>());
        if (listens)
            services.AddSingleton<IWarmUp>(static provider => provider.GetRequiredService<PocketSphinxSpeechToTextClient>());
        return new ServiceState(PocketSphinxSpeechToTextClient.Name, true);
    }

    private static PocketSphinxSpeechToTextClient Recogniser(PocketSphinxModel model, RecognitionOptions settings, TimeProvider time) =>
        new(new DecoderPool(settings.Decoders, () => new PocketSphinxDecoder(model), time), TimeSpan.FromSeconds(settings.TimeoutSeconds));

    private static ServiceState AddSynthesis(IServiceCollection services, IConfigurationSection settings, bool speaks)
    {
        string? espeak = EspeakVoices.Find();
        switch (settings["Provider"] ?? "flite")
        {
            case "none":
                return new ServiceState("none", false, "Speech is switched off: VoiceCarnival:Local:TextToSpeech:Provider is none.");
            case "openai":
                services.AddSingleton<ITextToSpeechClient>(static provider => new RemoteTextToSpeechClient(provider.GetRequiredService<IOptions<SynthesisOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
                return new ServiceState(Host(settings), true, IsRemote: true);
            case "espeak" when espeak is null:
                return new ServiceState("espeak-ng", false, "espeak-ng is not installed; on Debian and Ubuntu: apt-get install espeak-ng");
            case "espeak":
                AddVoice(services, new EspeakVoices(espeak));
                return new ServiceState("espeak-ng", true);
            default:
                var flite = new FliteVoices();
                if (speaks)
                    services.AddSingleton<IWarmUp>(flite);
                AddVoice(services, espeak is null ? flite : new LocalVoices(flite, new EspeakVoices(espeak)));
                return new ServiceState("flite", true);
        }
    }

    private static void AddVoice(IServiceCollection services, ISentenceVoice voice) => services.AddSingleton<ITextToSpeechClient>(
        provider => new SentenceTextToSpeechClient(voice, provider.GetRequiredService<IOptions<SynthesisOptions>>().Value));

    private static ServiceState AddChatModel(IServiceCollection services, IConfigurationSection settings)
    {
        if (string.IsNullOrWhiteSpace(settings["BaseUrl"]) && string.IsNullOrWhiteSpace(settings["ApiKey"]))
            return new ServiceState("none", false, "There is no language model: set VoiceCarnival:Local:ChatModel:BaseUrl and Model to a server with OpenAI's chat completions, such as Ollama.");
        services.AddSingleton<IChatClient>(static provider => new RemoteChatClient(provider.GetRequiredService<IOptions<ChatModelOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        return new ServiceState(Host(settings), true, IsRemote: true);
    }

    // A wrong address is reported by the check of settings.
    private static string Host(IConfigurationSection settings) =>
        string.IsNullOrWhiteSpace(settings["BaseUrl"]) ? "api.openai.com" : Uri.TryCreate(settings["BaseUrl"], UriKind.Absolute, out var uri) ? uri.Authority : "openai";
}
