using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary><c>VoiceCarnival:OpenAI</c>: OpenAI itself, Azure, or any server that speaks the Realtime GA protocol.</summary>
public sealed class OpenAIOptions
{
    /// <summary>Where the API is; <c>/realtime</c> and the REST paths are appended. For Azure <c>https://&lt;resource&gt;.openai.azure.com/openai/v1</c>.</summary>
    public string BaseUrl { get; set; } = "https://api.openai.com/v1";

    /// <summary>The operator's key; never leaves this process except towards <see cref="BaseUrl"/>.</summary>
    public Secret ApiKey { get; set; } = Secret.None;

    /// <summary>Sent as <c>OpenAI-Organization</c> when set.</summary>
    public string? Organization { get; set; }

    /// <summary>Sent as <c>OpenAI-Project</c> when set.</summary>
    public string? Project { get; set; }

    /// <summary>Send the key as Azure wants it, in the header <c>api-key</c>. Null decides by the host name.</summary>
    public bool? Azure { get; set; }

    /// <summary>Model (for Azure: deployment) for callers that name none.</summary>
    [Required]
    public string Model { get; set; } = "gpt-realtime-2.1";

    /// <summary>Voice for callers that name none.</summary>
    [Required]
    public string Voice { get; set; } = "marin";

    /// <summary>Signing secrets of the webhook, <c>whsec_…</c>; several, separated by commas or spaces, while one replaces another.</summary>
    public Secret WebhookSecret { get; set; } = Secret.None;

    /// <summary>Other models that callers are shown, besides <see cref="Model"/>.</summary>
    public string[] Models { get; set; } = [];

    /// <summary>Longest time for opening one connection, seconds.</summary>
    [Range(1, 120)]
    public int ConnectSeconds { get; set; } = 10;

    /// <summary>How long a lost connection is tried again before the session ends, seconds; 0 gives up at once.</summary>
    [Range(0, 600)]
    public int ReconnectSeconds { get; set; } = 30;

    /// <summary>
    /// A connection that does not answer a ping for this long is dead, seconds. Pings go out twice a second while the caller sends audio, so this is
    /// about how long a caller talks to nobody when the line is half open.
    /// </summary>
    [Range(1, 60)]
    public int PongTimeoutSeconds { get; set; } = 4;

    /// <summary>The caller's audio that is kept while the connection is away, seconds; older audio is dropped and counted.</summary>
    [Range(0, 120)]
    public int HeldAudioSeconds { get; set; } = 10;

    /// <summary>How long before the service's own limit (60 minutes) a session moves to a fresh connection, seconds.</summary>
    [Range(1, 1800)]
    public int RenewBeforeSeconds { get; set; } = 120;
}
