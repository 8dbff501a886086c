using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>How a response ended: the status and status details of <c>response.done</c>.</summary>
internal sealed record ResponseEnd(string Status, string? Reason = null, RealtimeError? Error = null)
{
    public static readonly ResponseEnd Completed = new("completed");
    public static readonly ResponseEnd TurnDetected = new("cancelled", "turn_detected");
    public static readonly ResponseEnd ClientCancelled = new("cancelled", "client_cancelled");
    public static readonly ResponseEnd MaxOutputTokens = new("incomplete", "max_output_tokens");

    public static readonly ResponseEnd ContentFilter = new("incomplete", "content_filter");

    /// <summary>The session ended first; never told to anyone.</summary>
    public static readonly ResponseEnd Abandoned = new("cancelled");

    public static ResponseEnd Failed(RealtimeError error) => new("failed", null, error);
}
