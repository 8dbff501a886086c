using VoiceCarnival.Engines.OpenAIRealtime.Upstream;

namespace VoiceCarnival.Engines.OpenAIRealtime.Calls;

/// <summary>What the sideband of a call starts with.</summary>
internal sealed record CallSidebandSetup
{
    /// <summary>The call.</summary>
    public required OpenAICall Call { get; init; }

    /// <summary>Our id of its session, <c>sess_…</c>.</summary>
    public required string SessionId { get; init; }

    /// <summary>Opens upstreams.</summary>
    public required UpstreamConnector Connector { get; init; }

    /// <summary>Where the sideband is.</summary>
    public required Uri Address { get; init; }

    /// <summary>Keyed hash of the caller for <c>OpenAI-Safety-Identifier</c>; null for none.</summary>
    public string? SafetyIdentifier { get; init; }

    /// <summary>Instructions of a first response, when we are to speak first.</summary>
    public string? Greeting { get; init; }

    /// <summary>Instructions of the response that tells the caller that the call must end soon; null for none.</summary>
    public string? Warning { get; init; }

    /// <summary>Holds the caller to the policy where it can reach the service past us; null when nothing has to be held.</summary>
    public CallGuard? Guard { get; init; }

    /// <summary>How long the first attachment is tried while the service does not know the call yet.</summary>
    public required TimeSpan AttachBudget { get; init; }

    /// <summary>How long a lost sideband is tried again.</summary>
    public required TimeSpan ReconnectBudget { get; init; }

    /// <summary>After this long without an event it is checked whether the call is still there.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}
