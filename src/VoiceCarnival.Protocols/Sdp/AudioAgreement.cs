using VoiceCarnival.Protocols.Srtp;

namespace VoiceCarnival.Protocols.Sdp;

/// <summary>What both sides of a phone call agreed on.</summary>
public sealed record AudioAgreement
{
    /// <summary>Where the peer wants our packets: an address or a name.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>The port of RTCP; the same as <see cref="Port"/> when it is multiplexed (RFC 5761).</summary>
    public required int RtcpPort { get; init; }

    /// <summary>What we send, under the number that the peer gave it.</summary>
    public required RtpMap Codec { get; init; }

    /// <summary>What the peer may send, under the numbers that hold on our side.</summary>
    public required IReadOnlyList<RtpMap> Receives { get; init; }

    /// <summary>Keys that we send; null when the peer takes none.</summary>
    public RtpMap? Keys { get; init; }

    /// <summary>Which way audio flows, from our side.</summary>
    public required MediaDirection Direction { get; init; }

    /// <summary>Milliseconds in a packet that the peer wants.</summary>
    public required int PacketTime { get; init; }

    /// <summary>Our key; null when nothing is encrypted.</summary>
    public SdesCrypto? LocalCrypto { get; init; }

    /// <summary>The peer's key; null when nothing is encrypted.</summary>
    public SdesCrypto? RemoteCrypto { get; init; }

    /// <summary>RTCP comes on the same port.</summary>
    public bool IsRtcpMuxed => RtcpPort == Port;
}
