using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Transports.Sip;

/// <summary>
/// Cuts audio into packets as long as the peer wants them (<c>a=ptime</c>), where a millisecond of it is a fixed number of bytes (G.711, G.722). Other packets pass. Numbers are its own and
/// go on; timestamps stay what they are. Not thread-safe.
/// </summary>
internal sealed class Repacketizer
{
    private const int BytesPerMillisecond = 8; // of G.711 and G.722, as are their clocks' units
    private const int MaxPayload = 60 * BytesPerMillisecond;
    private readonly byte[] _held = new byte[2 * MaxPayload];
    private readonly byte[] _packet = new byte[RtpHeader.FixedLength + MaxPayload + Rtp.IRtpLine.Spare];
    private PayloadType _type;
    private int _wanted;
    private int _length;
    private uint _timestamp;
    private bool _isMarked;
    private ushort _sequence;
    private bool _hasSequence;

    /// <summary>Takes a packet that is to go out; the rest of the buffer belongs to the line.</summary>
    public delegate void PacketSender(Span<byte> buffer, int length);

    /// <summary>What was agreed on.</summary>
    /// <param name="type">The audio's payload type.</param>
    /// <param name="milliseconds">Of a packet; 0 where packets stay as they come.</param>
    public void Agree(PayloadType type, int milliseconds)
    {
        if (type != _type || milliseconds * BytesPerMillisecond != _wanted)
            _length = 0;
        (_type, _wanted) = (type, milliseconds * BytesPerMillisecond);
    }

    /// <summary>Takes a packet of 20 ms.</summary>
    public void Add(Span<byte> buffer, int length, PacketSender send)
    {
        if (RtpHeader.TryRead(buffer[..length], out var header) != RtpError.None)
            return;
        if (!_hasSequence)
            (_sequence, _hasSequence) = (header.Sequence.Value, true);
        int payload = length - RtpHeader.FixedLength;
        if (header.PayloadType != _type || _wanted == 0 || payload == _wanted || payload > _held.Length - _length)
        {
            _length = 0;
            Number(buffer);
            send(buffer, length);
            return;
        }

        // A gap, as a thread makes that was held up: what was begun before it is not long enough any more.
        if (_length > 0 && header.Timestamp != _timestamp + (uint)_length)
            _length = 0;
        if (_length == 0)
            (_timestamp, _isMarked) = (header.Timestamp, header.Marker);
        buffer.Slice(RtpHeader.FixedLength, payload).CopyTo(_held.AsSpan(_length));
        _length += payload;
        while (_length >= _wanted)
        {
            (header with { Timestamp = _timestamp, Marker = _isMarked }).Write(_packet);
            _held.AsSpan(0, _wanted).CopyTo(_packet.AsSpan(RtpHeader.FixedLength));
            _held.AsSpan(_wanted, _length - _wanted).CopyTo(_held);
            _length -= _wanted;
            _timestamp += (uint)_wanted;
            _isMarked = false;
            Number(_packet);
            send(_packet, RtpHeader.FixedLength + _wanted);
        }
    }

    private void Number(Span<byte> packet) => BinaryPrimitives.WriteUInt16BigEndian(packet[2..], _sequence++);
}
