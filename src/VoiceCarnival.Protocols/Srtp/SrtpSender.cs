using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>
/// Protects what we send, in place (RFC 3711, sections 3.3 and 3.4). Packets of a source may be up to 64 late, but none is protected twice: that would
/// give the key stream away. Allocates nothing per packet. Not thread-safe.
/// </summary>
/// <param name="key">Our master key; may be disposed afterwards.</param>
/// <param name="maxSources">How many sources may send.</param>
public sealed class SrtpSender(SrtpMasterKey key, int maxSources = SrtpSender.DefaultMaxSources) : IDisposable
{
    /// <summary>Sources that one side may have unless said otherwise.</summary>
    public const int DefaultMaxSources = 64;

    private const uint MaxRtcpIndex = 0x7FFFFFFF;
    private readonly SrtpTransform _transform = SrtpTransform.Create(key);
    private readonly SrtpStreams _streams = new(maxSources);

    /// <summary>How packets are protected.</summary>
    public SrtpProfile Profile { get; } = key.Profile;

    /// <summary>Protects an RTP packet.</summary>
    /// <param name="buffer">The packet, and behind it room for <see cref="SrtpProfiles.RtpOverhead"/> more bytes.</param>
    /// <param name="length">Bytes of the packet; afterwards, of the protected packet.</param>
    public SrtpError ProtectRtp(Span<byte> buffer, ref int length)
    {
        if (RtpHeader.TryRead(buffer[..length], out var header) != RtpError.None)
            return SrtpError.Malformed;
        int protectedLength = length + Profile.RtpOverhead();
        if (buffer.Length < protectedLength)
            return SrtpError.BufferTooSmall;
        if (StreamOf(header.Ssrc.Value) is not { } stream)
            return SrtpError.TooManySources;
        if (stream.Estimate(header.Sequence.Value) is not { } index)
            return SrtpError.KeyExhausted;
        if (!stream.Rtp.Admits(index))
            return SrtpError.Replayed;
        stream.Rtp.Mark(index);
        _transform.ProtectRtp(buffer[..protectedLength], header.Length, header.Ssrc.Value, index);
        length = protectedLength;
        return SrtpError.None;
    }

    /// <summary>Protects an RTCP packet, which may be a compound of several.</summary>
    /// <param name="buffer">The packet, and behind it room for <see cref="SrtpProfiles.RtcpOverhead"/> more bytes.</param>
    /// <param name="length">Bytes of the packet; afterwards, of the protected packet.</param>
    public SrtpError ProtectRtcp(Span<byte> buffer, ref int length)
    {
        if (length < SrtpTransform.RtcpHeaderLength || length > buffer.Length)
            return SrtpError.Malformed;
        int protectedLength = length + Profile.RtcpOverhead();
        if (buffer.Length < protectedLength)
            return SrtpError.BufferTooSmall;
        uint ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        if (StreamOf(ssrc) is not { } stream)
            return SrtpError.TooManySources;
        if (stream.NextRtcpIndex > MaxRtcpIndex)
            return SrtpError.KeyExhausted;
        _transform.ProtectRtcp(buffer[..protectedLength], ssrc, stream.NextRtcpIndex++);
        length = protectedLength;
        return SrtpError.None;
    }

    /// <summary>Wipes the session keys.</summary>
    public void Dispose() => _transform.Dispose();

    private SrtpStream? StreamOf(uint ssrc)
    {
        if (_streams.Find(ssrc) is { } known)
            return known;
        if (_streams.IsFull)
            return null;
        var stream = new SrtpStream();
        _streams.Add(ssrc, stream);
        return stream;
    }
}
