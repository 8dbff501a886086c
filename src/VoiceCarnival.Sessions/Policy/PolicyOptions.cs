using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>What untrusted callers may set, <c>VoiceCarnival:Policy</c>. Untrusted is everyone who did not show one of the operator's API keys, users whom the operator's identity provider vouches for included (<c>Access:Jwt:Trusted</c>).</summary>
public sealed class PolicyOptions
{
    /// <summary>Holds trusted callers to the policy too.</summary>
    public bool ApplyToKeys { get; set; }

    /// <summary>
    /// Dotted paths of session fields that callers may set, such as <c>audio.input.turn_detection</c>; a path covers what is below it, <c>*</c> covers everything.
    /// The same paths hold in <c>response.create</c>, where <c>input</c> is one more. <c>item.system</c> stands for messages of the role system. Null: everything but
    /// what the operator sets: with <see cref="Instructions"/>, callers set neither instructions nor a stored prompt nor system messages, with <see cref="Tools"/> neither tools
    /// nor a stored prompt.
    /// </summary>
    public string[]? AllowedFields { get; set; }

    /// <summary>Models that callers may ask for; null: any. In sessions that only transcribe, the transcription's model is one.</summary>
    public string[]? AllowedModels { get; set; }

    /// <summary>Voices that callers may ask for, names or ids; null: any.</summary>
    public string[]? AllowedVoices { get; set; }

    /// <summary>Most output tokens of one response; null: no bound.</summary>
    [Range(1, 1_000_000)]
    public int? MaxOutputTokens { get; set; }

    /// <summary>Longest instructions and system messages from callers, UTF-16 units; null: no bound of ours.</summary>
    [Range(0, 10_000_000)]
    public int? MaxInstructionsLength { get; set; }

    /// <summary>Callers may bring MCP tools, which the engine's side then calls.</summary>
    public bool AllowMcpTools { get; set; } = true;

    /// <summary>The operator's instructions, which every session starts with. Untrusted callers replace them only where <see cref="AllowedFields"/> lists <c>instructions</c> or <c>*</c>.</summary>
    public string? Instructions { get; set; }

    /// <summary>The operator's tools, which every session starts with: a JSON array as text. Untrusted callers replace them only where <see cref="AllowedFields"/> lists <c>tools</c> or <c>*</c>.</summary>
    public string? Tools { get; set; }

    /// <summary>Untrusted callers see instructions, tools, a stored prompt and system messages as empty in every event and in the answer to a token request.</summary>
    public bool HideOperatorFields { get; set; }

    /// <summary>
    /// Client secrets are minted at the service behind us, so that browsers may go there directly. Such a session starts with the operator's fields; past this
    /// server its caller is held to them in calls that are known here, by setting back what it changed. Null: yes, unless <see cref="HideOperatorFields"/> is set.
    /// </summary>
    public bool? DirectTokens { get; set; }
}
