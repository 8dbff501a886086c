namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>How an <see cref="RtcpSession"/> reports.</summary>
public sealed class RtcpOptions
{
    /// <summary>Canonical name: the same for all streams of one end (RFC 3550, section 6.5.1; RFC 7022 for a random one). ASCII, up to 255 characters.</summary>
    public required string Cname { get; init; }

    /// <summary>The payload's clock, in Hz.</summary>
    public required int ClockRate { get; init; }

    /// <summary>Mean time between two reports. Each is drawn from half to one and a half of it (section 6.3), so that peers do not fall into step.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Where the draw begins: give every session another number.</summary>
    public ulong Seed { get; init; } = 1;
}
