using System.Globalization;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>What a payload type means: <c>a=rtpmap</c> (RFC 8866, section 6.6).</summary>
/// <param name="PayloadType">The number.</param>
/// <param name="Codec">What it stands for.</param>
public sealed record RtpMap(PayloadType PayloadType, RtpCodec Codec)
{
    /// <summary>The attribute's value.</summary>
    public override string ToString() => $"{PayloadType} {Codec}";

    /// <summary>Reads the attribute's value.</summary>
    public static RtpMap? TryParse(string? value)
    {
        var words = value?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not { Length: 2 } || !byte.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out byte type) || type > PayloadType.Highest)
            return null;
        var parts = words[1].Split('/');
        int channels = 1;
        if (parts.Length is < 2 or > 3 || parts[0].Length is 0 or > 64
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int rate) || rate is < 1 or > 384_000
            || (parts.Length == 3 && (!int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out channels) || channels is < 1 or > 255)))
            return null;
        return new RtpMap(new PayloadType(type), new RtpCodec(parts[0], rate, channels));
    }

    /// <summary>The audio codecs that RFC 3551 gives a number for good.</summary>
    public static RtpMap? StaticOf(PayloadType type) => type.Value switch
    {
        0 => new RtpMap(type, RtpCodec.Pcmu),
        3 => new RtpMap(type, new RtpCodec("GSM", 8000)),
        8 => new RtpMap(type, RtpCodec.Pcma),
        9 => new RtpMap(type, RtpCodec.G722),
        13 => new RtpMap(type, new RtpCodec("CN", 8000)),
        18 => new RtpMap(type, new RtpCodec("G729", 8000)),
        _ => null,
    };
}
