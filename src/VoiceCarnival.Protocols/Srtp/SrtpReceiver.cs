using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>
/// Unprotects what a peer sent, in place (RFC 3711, sections 3.3 and 3.4): checks for replay, then the tag, then decrypts. A source is remembered only
/// once a packet of it was authentic, so strangers leave no trace. Allocates nothing per packet of a known source. Not thread-safe.
/// </summary>
/// <param name="key">The peer's master key; may be disposed afterwards.</param>
/// <param name="maxSources">How many sources the peer may have.</param>
public sealed class SrtpReceiver(SrtpMasterKey key, int maxSources = SrtpSender.DefaultMaxSources) : IDisposable
{
    private readonly SrtpTransform _transform = SrtpTransform.Create(key);
    private readonly SrtpStreams _streams = new(maxSources);

    /// <summary>How packets are protected.</summary>
    public SrtpProfile Profile { get; } = key.Profile;

    /// <summary>Unprotects an RTP packet.</summary>
    /// <param name="packet">The packet as it came; afterwards plain. Of no use when it was refused.</param>
    /// <param name="length">Bytes of the plain packet.</param>
    public SrtpError UnprotectRtp(Span<byte> packet, out int length)
    {
        length = 0;
        int plainLength = packet.Length - Profile.RtpOverhead();
        if (plainLength < RtpHeader.FixedLength || RtpHeader.TryRead(packet[..plainLength], out var header) != RtpError.None)
            return SrtpError.Malformed;
        uint ssrc = header.Ssrc.Value;
        var known = _streams.Find(ssrc);
        if (known is null && _streams.IsFull)
            return SrtpError.TooManySources;
        var stream = known ?? new SrtpStream();
        if (stream.Estimate(header.Sequence.Value) is not { } index)
            return SrtpError.KeyExhausted;
        if (!stream.Rtp.Admits(index))
            return SrtpError.Replayed;
        if (!_transform.TryUnprotectRtp(packet, header.Length, ssrc, index))
            return SrtpError.NotAuthentic;
        stream.Rtp.Mark(index);
        if (known is null)
            _streams.Add(ssrc, stream);
        length = plainLength;
        return SrtpError.None;
    }

    /// <summary>Unprotects an RTCP packet.</summary>
    /// <param name="packet">The packet as it came; afterwards plain. Of no use when it was refused.</param>
    /// <param name="length">Bytes of the plain packet.</param>
    public SrtpError UnprotectRtcp(Span<byte> packet, out int length)
    {
        length = 0;
        int plainLength = packet.Length - Profile.RtcpOverhead();
        if (plainLength < SrtpTransform.RtcpHeaderLength)
            return SrtpError.Malformed;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        var known = _streams.Find(ssrc);
        if (known is null && _streams.IsFull)
            return SrtpError.TooManySources;
        var stream = known ?? new SrtpStream();
        uint index = _transform.ReadRtcpIndex(packet);
        if (!stream.Rtcp.Admits(index))
            return SrtpError.Replayed;
        if (!_transform.TryUnprotectRtcp(packet, ssrc))
            return SrtpError.NotAuthentic;
        stream.Rtcp.Mark(index);
        if (known is null)
            _streams.Add(ssrc, stream);
        length = plainLength;
        return SrtpError.None;
    }

    /// <summary>Wipes the session keys.</summary>
    public void Dispose() => _transform.Dispose();
}
