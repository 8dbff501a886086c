using VoiceCarnival.Protocols.Ice;

namespace VoiceCarnival.Testing.WebRtc;

/// <summary>What an <see cref="RtcPeer"/> offers.</summary>
public sealed record RtcPeerOptions
{
    /// <summary>Offer audio.</summary>
    public bool HasAudio { get; init; } = true;

    /// <summary>Offer a data channel.</summary>
    public bool HasData { get; init; } = true;

    /// <summary>The audio codec: a payload type and what <c>a=rtpmap</c> says of it.</summary>
    public (byte PayloadType, string Map) Codec { get; init; } = (0, "PCMU/8000");

    /// <summary>RTP clock per 20 ms.</summary>
    public uint Step { get; init; } = 160;

    /// <summary>The longest message that is taken, bytes.</summary>
    public int MaxMessageSize { get; init; } = 262_144;

    /// <summary>Subprotocol of the channel.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>What <c>a=setup</c> says.</summary>
    public string Setup { get; init; } = "actpass";

    /// <summary>What carries the call.</summary>
    public IceTransport Transport { get; init; } = IceTransport.Udp;

    /// <summary>One thread reads for all such peers, some milliseconds late: for many of them. UDP only.</summary>
    public bool IsPolled { get; init; }

    /// <summary>By IPv6.</summary>
    public bool IsSix { get; init; }

    /// <summary>Opus, as Chromium offers it.</summary>
    public static RtcPeerOptions Opus { get; } = new() { Codec = (111, "opus/48000/2"), Step = 960 };
}
