using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.Options;

/// <summary>Declares the settings that no feature of its own declares yet.</summary>
internal static class GatewaySettings
{
    public static IServiceCollection AddGatewaySettings(this IServiceCollection services, IConfigurationSection settings)
    {
        services.AddSettings<GatewayOptions>(settings);
        services.AddSettings<OpenAIOptions>(settings.GetSection("OpenAI"));
        services.AddSettings<SipOptions>(settings.GetSection("Sip"));
        services.AddSettings<WebRtcOptions>(settings.GetSection("WebRtc"));
        services.AddSingleton<IValidateOptions<GatewayOptions>>(new NotInThisBuild<GatewayOptions>(o => o.Engine == EngineChoice.OpenAI,
            "VoiceCarnival:Engine is openai, but this build has only the local engine; use auto or local"));
        services.AddSingleton<IValidateOptions<SipOptions>>(new NotInThisBuild<SipOptions>(o => o.Enabled,
            "VoiceCarnival:Sip:Enabled is true, but this build has no SIP transport"));
        services.AddSingleton<IValidateOptions<WebRtcOptions>>(new NotInThisBuild<WebRtcOptions>(o => o.Enabled,
            "VoiceCarnival:WebRtc:Enabled is true, but this build has no WebRTC transport"));
        services.AddSingleton<IValidateOptions<OpenAIOptions>, OpenAIOptionsValidator>();
        return services;
    }

    private sealed class NotInThisBuild<TOptions>(Predicate<TOptions> asked, string message) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options) =>
            asked(options) ? ValidateOptionsResult.Fail(message) : ValidateOptionsResult.Success;
    }

    private sealed class OpenAIOptionsValidator : IValidateOptions<OpenAIOptions>
    {
        public ValidateOptionsResult Validate(string? name, OpenAIOptions options) =>
            Uri.TryCreate(options.BaseUrl, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https")
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"VoiceCarnival:OpenAI:BaseUrl must be an http or https URL (is '{options.BaseUrl}')");
    }
}
