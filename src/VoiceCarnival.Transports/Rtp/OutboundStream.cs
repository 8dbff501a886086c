using System.Security.Cryptography;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>Frames in, RTP packets out: the encoder, and numbers and timestamps that go on whatever is said. Sans-IO; not thread-safe.</summary>
internal sealed class OutboundStream : IDisposable
{
    /// <summary>The longest packet: 20 ms of any codec, with the line's <see cref="IRtpLine.Spare"/>.</summary>
    public const int MaxPacketLength = RtpHeader.FixedLength + MaxPayload + IRtpLine.Spare;

    private const int MaxPayload = 1280;
    private readonly AudioCodec _codec;
    private readonly AudioEncoder _encoder;
    private readonly PayloadType _payloadType;
    private readonly Ssrc _ssrc;
    private SequenceNumber _sequence;
    private uint _timestamp;
    private bool _isTalking;

    /// <summary>Begins at a random number and timestamp (RFC 3550, section 5.1).</summary>
    public OutboundStream(AudioCallOptions options, AudioEncoder encoder)
    {
        (_codec, _encoder, _payloadType, _ssrc) = (options.Codec, encoder, options.PayloadType, options.Ssrc);
        _sequence = new SequenceNumber((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue / 2));
        _timestamp = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
    }

    /// <summary>Packets made.</summary>
    public long Packets { get; private set; }

    /// <summary>Where the timestamps stand: that of the next frame.</summary>
    public uint Timestamp => _timestamp;

    /// <summary>Takes the share of packets that the peer lately missed.</summary>
    public void ExpectLoss(double share) => _encoder.ExpectLoss(share);

    /// <summary>Makes the packet of the next frame.</summary>
    /// <param name="frame">20 ms at the codec's rate.</param>
    /// <param name="isTalking">It holds the agent's voice; the first one after a silence is marked.</param>
    /// <param name="packet"><see cref="MaxPacketLength"/> bytes.</param>
    /// <param name="header">The packet's header.</param>
    /// <returns>Bytes of the packet; 0 when nothing is to be sent.</returns>
    public int Write(ReadOnlySpan<short> frame, bool isTalking, Span<byte> packet, out RtpHeader header)
    {
        int length = _encoder.Encode(frame, packet.Slice(RtpHeader.FixedLength, MaxPayload));
        header = new RtpHeader { Marker = isTalking && !_isTalking, PayloadType = _payloadType, Sequence = _sequence, Timestamp = _timestamp, Ssrc = _ssrc };
        Skip(1);
        if (length == 0)
        {
            // Silence that is not sent; what comes after it is a beginning.
            _isTalking = false;
            return 0;
        }

        _isTalking = isTalking;
        header.Write(packet);
        _sequence = _sequence.Next;
        Packets++;
        return RtpHeader.FixedLength + length;
    }

    /// <summary>Writes the packet of an event (RFC 4733) in place of a frame's, in the same sequence of numbers.</summary>
    public int WriteEvent(PayloadType payloadType, bool isFirst, uint timestamp, TelephoneEvent telephoneEvent, Span<byte> packet, out RtpHeader header)
    {
        header = new RtpHeader { Marker = isFirst, PayloadType = payloadType, Sequence = _sequence, Timestamp = timestamp, Ssrc = _ssrc };
        header.Write(packet);
        telephoneEvent.Write(packet[RtpHeader.FixedLength..]);
        _sequence = _sequence.Next;
        Packets++;
        return RtpHeader.FixedLength + TelephoneEvent.Length;
    }

    /// <summary>Lets frames pass that nothing is sent for.</summary>
    public void Skip(int frames) => _timestamp += (uint)(_codec.ClockUnitsOf(_codec.SamplesOf((int)MediaClock.Frame.TotalMilliseconds)) * frames);

    public void Dispose() => _encoder.Dispose();
}
