using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>
/// Unprotects what a peer sent, in place (RFC 3711, sections 3.3 and 3.4): checks for replay, then the tag, then decrypts. A source is remembered only
/// once a packet of it was authentic, so strangers leave no trace. Allocates nothing per packet of a known source. Not thread-safe.
/// </summary>
/// <param name="key">The peer's master key; may be disposed afterwards.</param>
/// <param name="maxSources">How many sources the peer may have.</param>
/// <param name="mkiLength">Bytes by which the peer names its key in each packet (section 3.1), which are no part of what is authentic and say nothing where there is one key.</param>
public sealed class SrtpReceiver(SrtpMasterKey key, int maxSources = SrtpSender.DefaultMaxSources, int mkiLength = 0) : IDisposable
{
    // What stands behind the MKI: the tag, except in AEAD, where the tag is part of what is encrypted (RFC 7714, section 8.1).
    private readonly int _rtpTag = key.Profile == SrtpProfile.AeadAes128Gcm ? 0 : key.Profile.RtpOverhead();
    private readonly int _rtcpTag = key.Profile == SrtpProfile.AeadAes128Gcm ? 0 : key.Profile.RtcpOverhead() - SrtpProfiles.RtcpIndexLength;
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
        packet = WithoutMki(packet, _rtpTag);
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
        packet = WithoutMki(packet, _rtcpTag);
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

    private Span<byte> WithoutMki(Span<byte> packet, int tag)
    {
        if (mkiLength == 0 || packet.Length < mkiLength + tag)
            return packet;
        packet[^tag..].CopyTo(packet[^(tag + mkiLength)..]);
        return packet[..^mkiLength];
    }
}
