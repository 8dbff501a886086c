using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>Registers the local engine.</summary>
public static class LocalEngineServiceCollectionExtensions
{
    /// <summary>The local engine as the one that answers; settings from <paramref name="section"/> (<c>VoiceCarnival:Local</c>).</summary>
    public static IServiceCollection AddLocalEngine(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<LocalEngineOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ScriptSource>();
        services.AddSingleton<IValidateOptions<LocalEngineOptions>, ScriptValidator>();
        services.AddSingleton<IValidateOptions<LocalEngineOptions>, BrainValidator>();
        services.AddSingleton(static provider => new LocalServices(
            provider.GetService<IVoiceActivityDetectorFactory>(), provider.GetService<ISpeechToTextClient>(), provider.GetService<ITextToSpeechClient>(),
            provider.GetService<IChatClient>(), provider.GetService<SpeechServices>(), provider.GetService<INoiseSuppressorFactory>()));
        services.AddSingleton<IVoiceEngine, LocalEngine>();
        return services;
    }

    private sealed class BrainValidator(IServiceProvider services) : IValidateOptions<LocalEngineOptions>
    {
        public ValidateOptionsResult Validate(string? name, LocalEngineOptions options) =>
            options.Brain == "chat" && services.GetService<IChatClient>() is null
                ? ValidateOptionsResult.Fail("Brain: 'chat' needs a language model; set ChatModel:BaseUrl and ChatModel:Model beside it to a server with OpenAI's chat completions.")
                : ValidateOptionsResult.Success;
    }

    // A wrong script stops the start, as any wrong setting does.
    private sealed class ScriptValidator(ScriptSource scripts) : IValidateOptions<LocalEngineOptions>
    {
        public ValidateOptionsResult Validate(string? name, LocalEngineOptions options)
        {
            if (options.Brain != "script")
                return ValidateOptionsResult.Success;
            if (string.IsNullOrWhiteSpace(options.Script))
                return ValidateOptionsResult.Fail("Script: the 'script' brain needs the path of a script file.");
            var problems = new List<string>();
            scripts.Load(options.Script, problems);
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems.Select(p => "Script: " + p));
        }
    }
}
