namespace VoiceCarnival.Sessions;

/// <summary>Whether an engine can take a session now, and if not, why.</summary>
public sealed record EngineHealth(bool Ready, string? Reason = null)
{
    /// <summary>All is well.</summary>
    public static EngineHealth Healthy { get; } = new(true);
}
