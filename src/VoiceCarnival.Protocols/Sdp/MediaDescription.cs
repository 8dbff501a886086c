using System.Globalization;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>A media section: an <c>m=</c> line and what follows it (RFC 8866, section 5.14).</summary>
public sealed class MediaDescription
{
    /// <summary><c>audio</c>, <c>video</c>, <c>application</c> and so on.</summary>
    public required string Kind { get; init; }

    /// <summary>The port; 0 refuses the section, or with <c>a=bundle-only</c> leaves it to another's (RFC 8843).</summary>
    public required int Port { get; init; }

    /// <summary>The transport, such as <c>RTP/AVP</c>, <c>RTP/SAVP</c>, <c>UDP/TLS/RTP/SAVPF</c>, <c>UDP/DTLS/SCTP</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Payload types, or what else the transport has in their place.</summary>
    public List<string> Formats { get; init; } = [];

    /// <summary>Where its media goes; null when the session says it.</summary>
    public SdpConnection? Connection { get; set; }

    /// <summary>Its <c>b=</c> lines.</summary>
    public List<string> Bandwidths { get; init; } = [];

    /// <summary>Its attributes.</summary>
    public AttributeLines Attributes { get; init; } = [];

    /// <summary>Where its <c>m=</c> line was read; 0 when it was not.</summary>
    public int Line { get; init; }

    /// <summary>Its name in a bundle; null when it has none.</summary>
    public string? Mid => Attributes["mid"]?.Value;

    /// <summary>It carries RTP, protected or not.</summary>
    public bool IsRtp => Protocol.Contains("RTP/", StringComparison.Ordinal);

    /// <summary>It is refused, or switched off.</summary>
    public bool IsRejected => Port == 0 && !Attributes.Has("bundle-only");

    /// <summary>The direction it states itself; null when it states none and the session's holds.</summary>
    public MediaDirection? Direction => Attributes.Select(attribute => MediaDirections.Find(attribute.Name)).FirstOrDefault(direction => direction is not null);

    /// <summary>
    /// The payload types in the order of preference, with what they mean: by <c>a=rtpmap</c>, or by RFC 3551 where there is none, as some phones leave it out
    /// for static types. Those with neither are left out.
    /// </summary>
    public IReadOnlyList<RtpMap> GetRtpMaps()
    {
        var maps = new List<RtpMap>();
        if (!IsRtp)
            return maps;
        var stated = Attributes.All("rtpmap").Select(attribute => RtpMap.TryParse(attribute.Value)).OfType<RtpMap>().ToList();
        foreach (string format in Formats)
        {
            if (!byte.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out byte number) || number > PayloadType.Highest)
                continue;
            var type = new PayloadType(number);
            if ((stated.Find(map => map.PayloadType == type) ?? RtpMap.StaticOf(type)) is { } found)
                maps.Add(found);
        }

        return maps;
    }

    /// <summary>The format parameters of a payload type (<c>a=fmtp</c>); null when there are none.</summary>
    public string? GetParameters(PayloadType type)
    {
        string prefix = type + " ";
        return Attributes.All("fmtp").Select(attribute => attribute.Value).FirstOrDefault(value => value?.StartsWith(prefix, StringComparison.Ordinal) == true)?[prefix.Length..].Trim();
    }
}
