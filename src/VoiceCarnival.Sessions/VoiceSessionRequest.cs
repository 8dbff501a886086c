using System.Net;
using System.Text.Json;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions;

/// <summary>All that an engine needs to open a session.</summary>
public sealed record VoiceSessionRequest
{
    /// <summary><c>sess_…</c>, chosen by us; an engine may know the session under another id upstream.</summary>
    public required string SessionId { get; init; }

    /// <summary>The model the caller asked for; null means the engine's default.</summary>
    public string? Model { get; init; }

    /// <summary><c>realtime</c> or <c>transcription</c>.</summary>
    public string Type { get; init; } = "realtime";

    /// <summary>Session fields bound to the caller's client secret, applied before the first event; undefined when there are none.</summary>
    public JsonElement InitialSession { get; init; }

    /// <summary>What the engine is to think with, where it has several; null for its own choice.</summary>
    public string? Brain { get; init; }

    /// <summary>How the caller reaches us, such as <c>websocket</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Who calls, for the policy and the limits. A transport that does not say gets the rules for strangers.</summary>
    public Caller Caller { get; init; } = Caller.Anonymous;

    /// <summary>Where the caller is, for limits and logs.</summary>
    public IPAddress? RemoteAddress { get; init; }

    /// <summary>The longest this session may last, from the operator's limits.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(60);
}
