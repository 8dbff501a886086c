using System.ComponentModel.DataAnnotations;

namespace VoiceCarnival.Sessions;

/// <summary>How much callers may use, <c>VoiceCarnival:Limits</c>.</summary>
public sealed class LimitsOptions
{
    /// <summary>Sessions at a time in the whole process.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessions { get; set; } = 1000;

    /// <summary>Sessions at a time from one IP address.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessionsPerAddress { get; set; } = 250;

    /// <summary>New sessions a minute from one IP address.</summary>
    [Range(1, 1_000_000)]
    public int SessionStartsPerMinute { get; set; } = 600;

    /// <summary>Longest life of a session, minutes; OpenAI's own limit is 60.</summary>
    [Range(1, 60)]
    public int MaxSessionMinutes { get; set; } = 60;

    /// <summary>A session from which nothing comes for this long is closed, seconds.</summary>
    [Range(5, 86_400)]
    public int MaxIdleSeconds { get; set; } = 300;

    /// <summary>How long a session whose line broke waits for its caller to come back, seconds; 0 turns resuming off.</summary>
    [Range(0, 600)]
    public int ResumeGraceSeconds { get; set; } = 30;

    /// <summary>Events and audio kept for a caller whose line broke, kilobytes.</summary>
    [Range(16, 65_536)]
    public int ResumeBufferKilobytes { get; set; } = 512;

    /// <summary>Token requests a minute from one IP address.</summary>
    [Range(1, 1_000_000)]
    public int TokenRequestsPerMinute { get; set; } = 120;

    /// <summary>Other API requests a minute from one IP address.</summary>
    [Range(1, 1_000_000)]
    public int ApiRequestsPerMinute { get; set; } = 1200;
}
