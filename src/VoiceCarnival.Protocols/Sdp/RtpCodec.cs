using System.Globalization;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>A codec as SDP names it.</summary>
/// <param name="Name">Its name; upper and lower case are the same.</param>
/// <param name="ClockRate">Clock of the RTP timestamps, in Hz.</param>
/// <param name="Channels">1 or 2.</param>
public sealed record RtpCodec(string Name, int ClockRate, int Channels = 1)
{
    /// <summary>Opus: always 48000 Hz and two channels in SDP, whatever is really sent (RFC 7587, section 7).</summary>
    public static RtpCodec Opus { get; } = new("opus", 48_000, 2);

    /// <summary>G.722: 16 kHz audio with a clock of 8000 Hz.</summary>
    public static RtpCodec G722 { get; } = new("G722", 8000);

    /// <summary>G.711 mu-law.</summary>
    public static RtpCodec Pcmu { get; } = new("PCMU", 8000);

    /// <summary>G.711 A-law.</summary>
    public static RtpCodec Pcma { get; } = new("PCMA", 8000);

    /// <summary>Keys (RFC 4733), of which there may be one for each clock rate.</summary>
    public static RtpCodec TelephoneEvent(int clockRate) => new("telephone-event", clockRate);

    /// <inheritdoc/>
    public bool Equals(RtpCodec? other) => other is not null && ClockRate == other.ClockRate && Channels == other.Channels
        && Name.Equals(other.Name, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(Name), ClockRate, Channels);

    /// <summary>As it stands in <c>a=rtpmap</c>.</summary>
    public override string ToString() => Channels == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}/{ClockRate}")
        : string.Create(CultureInfo.InvariantCulture, $"{Name}/{ClockRate}/{Channels}");
}
