using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>The other end of a call: makes RTP of what it says, and hears what it gets.</summary>
internal sealed class FarSide(AudioCallOptions call, uint ssrc = 0xCA11E5, ushort sequence = 65_530) : IDisposable
{
    private readonly AudioEncoder _encoder = call.Codec.CreateEncoder();
    private ushort _sequence = sequence;
    private uint _timestamp = uint.MaxValue - 5000;

    public AudioCodec Codec => call.Codec;

    public ushort Sequence => _sequence;

    public uint Timestamp => _timestamp;

    /// <summary>Packets of a signal at the codec's rate.</summary>
    public IEnumerable<byte[]> Packets(short[] samples, int milliseconds = 20)
    {
        int frame = Codec.SamplesOf(milliseconds);
        for (int at = 0; at + frame <= samples.Length; at += frame)
            yield return Packet(samples.AsSpan(at, frame));
    }

    /// <summary>The next packet.</summary>
    public byte[] Packet(ReadOnlySpan<short> samples)
    {
        var payload = new byte[1280];
        int length = _encoder.Encode(samples, payload);
        byte[] packet = Packet(call.PayloadType, payload.AsSpan(0, length), _timestamp);
        _timestamp += (uint)Codec.ClockUnitsOf(samples.Length);
        return packet;
    }

    /// <summary>Any packet, with the next number.</summary>
    public byte[] Packet(PayloadType type, ReadOnlySpan<byte> payload, uint timestamp, bool marker = false)
    {
        var packet = new byte[RtpHeader.FixedLength + payload.Length];
        new RtpHeader { Marker = marker, PayloadType = type, Sequence = new SequenceNumber(_sequence++), Timestamp = timestamp, Ssrc = new Ssrc(ssrc) }.Write(packet);
        payload.CopyTo(packet.AsSpan(RtpHeader.FixedLength));
        return packet;
    }

    /// <summary>A key, as telephones send it.</summary>
    public byte[] Key(char key, bool isEnd, uint timestamp, int duration = 160)
    {
        var payload = new byte[TelephoneEvent.Length];
        new TelephoneEvent(TelephoneEvent.CodeOf(key)!.Value, isEnd, 10, (ushort)duration).Write(payload);
        return Packet(call.Keys.First(), payload, timestamp);
    }

    /// <summary>Says nothing for a while: the timestamps go on.</summary>
    public void Pause(int milliseconds) => _timestamp += (uint)Codec.ClockUnitsOf(Codec.SamplesOf(milliseconds));

    /// <summary>What is heard of packets.</summary>
    public short[] Hear(IEnumerable<SentPacket> packets)
    {
        using var decoder = Codec.CreateDecoder();
        var samples = new short[Codec.SamplesOf(120)];
        var heard = new List<short>();
        foreach (var packet in packets)
            heard.AddRange(samples[..decoder.Decode(packet.Payload, samples)]);
        return [.. heard];
    }

    public void Dispose() => _encoder.Dispose();
}
