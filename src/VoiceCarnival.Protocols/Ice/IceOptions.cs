namespace VoiceCarnival.Protocols.Ice;

/// <summary>How patient an <see cref="IceLiteAgent"/> is.</summary>
public sealed class IceOptions
{
    /// <summary>How long to wait for the first check.</summary>
    public TimeSpan FirstCheck { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After so long without any check the peer no longer consents to being sent to (RFC 7675, section 5.1).</summary>
    public TimeSpan Consent { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A path without a check for so long gives way to another. Chromium checks about every 2.4 s, others every 5 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>How many paths one peer may have.</summary>
    public int MaxPaths { get; init; } = 16;
}
