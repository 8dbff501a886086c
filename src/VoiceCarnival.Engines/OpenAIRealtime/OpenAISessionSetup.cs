using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>What a relayed session starts with.</summary>
internal sealed record OpenAISessionSetup
{
    /// <summary>The id by which the caller knows the session, <c>sess_…</c>.</summary>
    public required string SessionId { get; init; }

    /// <summary>Opens upstreams.</summary>
    public required UpstreamConnector Connector { get; init; }

    /// <summary>Where this session's upstreams are.</summary>
    public required Uri Address { get; init; }

    /// <summary>Keyed hash of the caller for <c>OpenAI-Safety-Identifier</c>; null for none.</summary>
    public string? SafetyIdentifier { get; init; }

    /// <summary>Session fields to set before the caller's; null for none.</summary>
    public JsonObject? InitialSession { get; init; }

    /// <summary>How long the service may take for its <c>session.created</c>.</summary>
    public required TimeSpan GreetingTime { get; init; }

    /// <summary>How long a lost connection is tried again.</summary>
    public required TimeSpan ReconnectBudget { get; init; }

    /// <summary>Bound of the caller's audio kept for a new upstream.</summary>
    public required int HeldAudioSeconds { get; init; }

    /// <summary>How long before its end an upstream is replaced.</summary>
    public required TimeSpan RenewBefore { get; init; }

    /// <summary>What all sessions may be ahead of callers that do not read.</summary>
    public required ReadAhead ReadAhead { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}
