using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Server.Options;

/// <summary><c>VoiceCarnival:OpenAI</c>.</summary>
internal sealed class OpenAIOptions
{
    /// <summary>Where the API is.</summary>
    public string BaseUrl { get; set; } = "https://api.openai.com/v1";

    /// <summary>The operator's key; never leaves this process.</summary>
    public Secret ApiKey { get; set; } = Secret.None;

    /// <summary>Model for callers that name none.</summary>
    public string Model { get; set; } = "gpt-realtime-2.1";

    /// <summary>Voice for callers that name none.</summary>
    public string Voice { get; set; } = "marin";

    /// <summary>Signing secret of the webhook, <c>whsec_…</c>.</summary>
    public Secret WebhookSecret { get; set; } = Secret.None;
}
