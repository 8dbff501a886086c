using System.ComponentModel.DataAnnotations;
using VoiceCarnival.Sessions.Spend;

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

    /// <summary>Sessions at a time of one caller that has a name: an API key, a user, a client secret, the number of a phone call that the service takes.</summary>
    [Range(1, 1_000_000)]
    public int MaxSessionsPerCaller { get; set; } = 1000;

    /// <summary>New sessions a minute of one such caller.</summary>
    [Range(1, 1_000_000)]
    public int SessionStartsPerMinutePerCaller { get; set; } = 600;

    /// <summary>What one session may cost, USD, by the usage that the engine reports and <see cref="Prices"/>; null for no limit. The answer that passes it is still heard.</summary>
    public decimal? MaxSpendPerSession { get; set; }

    /// <summary>What all sessions from midnight to midnight UTC may cost together, USD; null for no limit. Counted in memory, so a restart begins anew.</summary>
    public decimal? MaxSpendPerDay { get; set; }

    /// <summary>Prices by model; for Azure by deployment. Entries of the settings come beside the built-in ones or change them. Others cost as much as the dearest here.</summary>
    public Dictionary<string, ModelPrice> Prices { get; set; } = ModelPrice.Defaults();

    /// <summary>Longest life of a session, minutes. May be longer than OpenAI's own 60: a relayed session moves to a fresh connection before that.</summary>
    [Range(1, 1440)]
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

    /// <summary>Events of one caller that are answered with an error, a second; ten seconds' worth may come at once. Past that its session is closed.</summary>
    [Range(1, 100_000)]
    public int MaxRefusedEventsPerSecond { get; set; } = 50;

    /// <summary>Token requests a minute from one IP address.</summary>
    [Range(1, 1_000_000)]
    public int TokenRequestsPerMinute { get; set; } = 120;

    /// <summary>Other API requests a minute from one IP address, and WebSockets that are refused.</summary>
    [Range(1, 1_000_000)]
    public int ApiRequestsPerMinute { get; set; } = 1200;
}
