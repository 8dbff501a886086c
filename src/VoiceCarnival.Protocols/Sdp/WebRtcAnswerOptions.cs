using VoiceCarnival.Protocols.Ice;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>Our side of an answer.</summary>
public sealed class WebRtcAnswerOptions
{
    /// <summary>A number for the session, below 2^63, drawn at random.</summary>
    public required ulong SessionId { get; init; }

    /// <summary>Goes up with each further answer of the same session.</summary>
    public ulong Version { get; init; } = 1;

    /// <summary>Our credentials.</summary>
    public required IceCredentials Ice { get; init; }

    /// <summary>Of our certificate.</summary>
    public required DtlsFingerprint Fingerprint { get; init; }

    /// <summary>Where we can be reached, the preferred first; at least one.</summary>
    public required IReadOnlyList<IceCandidate> Candidates { get; init; }

    /// <summary>What we can code, the preferred first.</summary>
    public required IReadOnlyList<RtpCodec> Codecs { get; init; }

    /// <summary>Our audio source.</summary>
    public required Ssrc Ssrc { get; init; }

    /// <summary>Our canonical name.</summary>
    public required string Cname { get; init; }

    /// <summary>Parameters for Opus.</summary>
    public string OpusParameters { get; init; } = "minptime=10;useinbandfec=1";

    /// <summary>Our SCTP port.</summary>
    public int SctpPort { get; init; } = 5000;

    /// <summary>The longest message that we take, in bytes. Without the attribute Chromium limits itself to 65536.</summary>
    public int MaxMessageSize { get; init; } = 262_144;
}
