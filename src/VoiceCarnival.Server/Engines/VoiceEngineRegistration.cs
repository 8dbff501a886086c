using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Engines.OpenAIRealtime.Calls;
using VoiceCarnival.Engines.OpenAIRealtime.Webhooks;
using VoiceCarnival.Server.Options;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Speech;

namespace VoiceCarnival.Server.Engines;

/// <summary>Decides who answers.</summary>
internal static class VoiceEngineRegistration
{
    /// <summary>The engine that <c>VoiceCarnival:Engine</c> names; <c>auto</c> is OpenAI when there is a key, else local.</summary>
    public static IServiceCollection AddVoiceEngine(this IServiceCollection services, IConfigurationSection settings)
    {
        services.DeclareSettings<LocalEngineOptions>(settings.GetSection("Local"));
        services.AddSpeechSettings(settings.GetSection("Local"));
        services.AddSettings<OpenAIOptions>(settings.GetSection("OpenAI"));
        services.AddSettings<CallsOptions>(settings.GetSection("OpenAI:Calls"));
        services.AddSingleton<IValidateOptions<CallsOptions>, CallsOptionsValidator>();
        services.AddSingleton<IValidateOptions<OpenAIOptions>>(new OpenAIOptionsValidator(Choice(settings) == EngineChoice.OpenAI));
        if (IsOpenAI(settings))
            return services.AddOpenAIEngine();
        return services.AddSpeech(settings.GetSection("Local")).AddLocalEngine(settings.GetSection("Local"));
    }

    // Read here and not through options: what is registered depends on it. A name that is none is reported by the settings check.
    private static EngineChoice Choice(IConfigurationSection settings) =>
        Enum.TryParse(settings["Engine"], ignoreCase: true, out EngineChoice choice) ? choice : EngineChoice.Auto;

    private static bool IsOpenAI(IConfigurationSection settings) => Choice(settings) switch
    {
        EngineChoice.OpenAI => true,
        EngineChoice.Local => false,
        _ => !string.IsNullOrWhiteSpace(settings["OpenAI:ApiKey"]),
    };

    private sealed class OpenAIOptionsValidator(bool needsKey) : IValidateOptions<OpenAIOptions>
    {
        public ValidateOptionsResult Validate(string? name, OpenAIOptions options)
        {
            var problems = new List<string>();
            if (!Uri.TryCreate(options.BaseUrl, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                problems.Add($"VoiceCarnival:OpenAI:BaseUrl must be an http or https URL (is '{options.BaseUrl}')");
            if (needsKey && options.ApiKey.IsEmpty)
                problems.Add("VoiceCarnival:OpenAI:ApiKey (or the environment variable OPENAI_API_KEY) is missing, and VoiceCarnival:Engine openai needs it");
            if (WebhookSignature.TryParse(options.WebhookSecret.Reveal()) is null)
                problems.Add("VoiceCarnival:OpenAI:WebhookSecret begins with whsec_ but the rest is not base64; copy it as OpenAI shows it");
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
