using System.Text.Json.Serialization;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>What this server offers the caller who asks.</summary>
/// <param name="Name">Always <c>VoiceCarnival</c>.</param>
/// <param name="Version">Version of this build.</param>
/// <param name="Engine">Who answers.</param>
/// <param name="Authentication"><c>required</c> when this caller must send a key, else <c>none</c>.</param>
/// <param name="Transports">Ways to reach the engine, those that are unavailable included.</param>
/// <param name="Limits">What a session may use.</param>
internal sealed record ConfigResponse(
    string Name, string Version, ConfigEngine Engine, string Authentication, IReadOnlyList<ConfigTransport> Transports, ConfigLimits Limits);

/// <summary>Who answers.</summary>
internal sealed record ConfigEngine(
    string Name, string? Brain, string Model, IReadOnlyList<string> Models, IReadOnlyList<string> Voices, string Description,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ConfigServices? Services);

/// <summary>What the local engine works with.</summary>
/// <param name="Recognition">Speech to text.</param>
/// <param name="Synthesis">Text to speech.</param>
/// <param name="Chat">The language model of the <c>chat</c> brain.</param>
internal sealed record ConfigServices(ConfigService Recognition, ConfigService Synthesis, ConfigService Chat);

/// <summary>A service of the local engine.</summary>
/// <param name="Name">What it is, such as <c>flite</c>, or the host of a remote one.</param>
/// <param name="Available">It can be used.</param>
/// <param name="Remote">What is said is sent there.</param>
/// <param name="Reason">Where it is not: why, and the command or setting that changes it.</param>
internal sealed record ConfigService(
    string Name, bool Available, bool Remote, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);

/// <summary>One way to reach the engine.</summary>
internal sealed record ConfigTransport(
    string Id,
    string Name,
    bool Available,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Url);

/// <summary>What a session may use.</summary>
/// <param name="MaxSessionMinutes">Longest life of a session.</param>
/// <param name="MaxIdleSeconds">A session from which nothing comes for this long is closed.</param>
/// <param name="ResumeGraceSeconds">How long a session waits for a caller whose line broke; 0 means not at all.</param>
/// <param name="SessionStartsPerMinute">New sessions a minute from one address.</param>
/// <param name="MaxSessionsPerAddress">Sessions at a time from one address.</param>
/// <param name="SessionStartsPerMinutePerCaller">New sessions a minute of one caller that has a name.</param>
/// <param name="MaxSessionsPerCaller">Sessions at a time of one caller that has a name.</param>
/// <param name="MaxSessions">Sessions at a time in all.</param>
/// <param name="MaxSpendPerSession">What one session may cost, USD; null for no limit.</param>
/// <param name="MaxSpendPerDay">What all sessions of a day may cost, USD; null for no limit.</param>
internal sealed record ConfigLimits(
    int MaxSessionMinutes, int MaxIdleSeconds, int ResumeGraceSeconds, int SessionStartsPerMinute, int MaxSessionsPerAddress,
    int SessionStartsPerMinutePerCaller, int MaxSessionsPerCaller, int MaxSessions, decimal? MaxSpendPerSession, decimal? MaxSpendPerDay);
