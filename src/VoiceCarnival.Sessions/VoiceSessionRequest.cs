using System.Net;
using System.Text.Json;

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

    /// <summary>How the caller reaches us, such as <c>websocket</c>.</summary>
    public required string Transport { get; init; }

    /// <summary>Who the caller is, by the name of its key or secret; null when it showed none.</summary>
    public string? CallerName { get; init; }

    /// <summary>Where the caller is, for limits and logs.</summary>
    public IPAddress? RemoteAddress { get; init; }

    /// <summary>The longest this session may last, from the operator's limits.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(60);
}
