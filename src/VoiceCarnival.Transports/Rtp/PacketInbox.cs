using System.Buffers.Binary;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// Packets on their way from the thread that received them to the one that works on the call, with the time they came at. A ring of bytes: nothing is allocated per
/// packet, and a sender that floods loses the newest.
/// </summary>
internal sealed class PacketInbox
{
    private const int Capacity = 16_384;
    private const int HeadLength = 11;
    private readonly Lock _gate = new();
    private byte[]? _ring;
    private int _start;
    private int _used;

    /// <summary>Packets that found no room.</summary>
    public long Dropped { get; private set; }

    /// <summary>Puts a packet in.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> packet, bool isRtcp, TimeSpan at)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        lock (_gate)
        {
            if (packet.Length > ushort.MaxValue || _used + HeadLength + packet.Length > Capacity)
            {
                Dropped++;
                return false;
            }

            _ring ??= new byte[Capacity];
            BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)packet.Length);
            head[2] = isRtcp ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteInt64LittleEndian(head[3..], at.Ticks);
            Write(head);
            Write(packet);
            return true;
        }
    }

    /// <summary>Takes the oldest packet out.</summary>
    /// <param name="packet">Where it goes; one that is longer is dropped.</param>
    /// <param name="length">Its length.</param>
    /// <param name="isRtcp">What it was put in as.</param>
    /// <param name="at">When it came.</param>
    public bool TryTake(Span<byte> packet, out int length, out bool isRtcp, out TimeSpan at)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        lock (_gate)
        {
            while (_used > 0)
            {
                Read(head);
                length = BinaryPrimitives.ReadUInt16LittleEndian(head);
                isRtcp = head[2] != 0;
                at = new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(head[3..]));
                if (length <= packet.Length)
                {
                    Read(packet[..length]);
                    return true;
                }

                (_start, _used) = ((_start + length) % Capacity, _used - length);
                Dropped++;
            }
        }

        (length, isRtcp, at) = (0, false, default);
        return false;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        int end = (_start + _used) % Capacity;
        int first = Math.Min(bytes.Length, Capacity - end);
        bytes[..first].CopyTo(_ring.AsSpan(end));
        bytes[first..].CopyTo(_ring);
        _used += bytes.Length;
    }

    private void Read(Span<byte> bytes)
    {
        int first = Math.Min(bytes.Length, Capacity - _start);
        _ring.AsSpan(_start, first).CopyTo(bytes);
        _ring.AsSpan(0, bytes.Length - first).CopyTo(bytes[first..]);
        _start = (_start + bytes.Length) % Capacity;
        _used -= bytes.Length;
    }
}
