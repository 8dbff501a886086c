namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Sizes and times of an <see cref="SctpAssociation"/>.</summary>
public sealed class SctpOptions
{
    /// <summary>Our port.</summary>
    public ushort LocalPort { get; init; } = 5000;

    /// <summary>The peer's port.</summary>
    public ushort RemotePort { get; init; } = 5000;

    /// <summary>The longest packet, in bytes; 1140 fits into a DTLS datagram of 1200.</summary>
    public int PacketSize { get; init; } = 1140;

    /// <summary>The longest message taken, in bytes; a longer one ends the association.</summary>
    public int MaxMessageSize { get; init; } = 256 * 1024;

    /// <summary>Bytes that may wait to be sent or acknowledged. What does not fit is refused, not queued.</summary>
    public int SendBuffer { get; init; } = 1024 * 1024;

    /// <summary>Bytes received that may wait for the application or for a gap to be filled; the peer is told what is left.</summary>
    public int ReceiveBuffer { get; init; } = 1024 * 1024;

    /// <summary>Streams each way (RFC 8831, section 6.2 wants 65535).</summary>
    public ushort Streams { get; init; } = 65_535;

    /// <summary>Retransmission time before the round trip is known.</summary>
    public TimeSpan RtoInitial { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The shortest retransmission time. RFC 9260 recommends 1 s; browsers use 400 ms. It must exceed the peer's delay of acknowledgements, 200 ms.
    /// </summary>
    public TimeSpan RtoMin { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The longest, however often it was doubled. Whether the peer lives at all is for ICE to find out; browsers use 3 s.</summary>
    public TimeSpan RtoMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest between two tries of the handshake, which holds up everything else and is a small packet.</summary>
    public TimeSpan HandshakeRtoMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time-outs in a row after which the association is given up.</summary>
    public int MaxRetransmissions { get; init; } = 20;

    /// <summary>The most bytes in flight. More only fills the socket buffers between the peers.</summary>
    public int MaxCongestionWindow { get; init; } = 64 * 1024;

    /// <summary>Packets of new data that may leave at once.</summary>
    public int MaxBurst { get; init; } = 8;

    /// <summary>How long a single packet waits for its acknowledgement to cover a second one as well.</summary>
    public TimeSpan SackDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Silence after which the peer is asked whether it is there.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a handshake cookie is good.</summary>
    public TimeSpan CookieLifetime { get; init; } = TimeSpan.FromSeconds(60);

    internal int MaxDataLength => ((PacketSize - SctpPacket.HeaderLength) & ~3) - SctpPacket.ChunkHead - OutboundChunk.HeaderLength;
}
