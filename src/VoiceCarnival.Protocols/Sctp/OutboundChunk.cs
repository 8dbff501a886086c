using System.Buffers;
using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>A piece of a message that has been sent and not acknowledged by a cumulative TSN. Used again for another when it has been.</summary>
internal sealed class OutboundChunk
{
    /// <summary>TSN, stream, stream sequence number and payload protocol before the data (RFC 9260, section 3.3.1).</summary>
    public const int HeaderLength = 12;

    public const byte EndFlag = 1;
    public const byte BeginFlag = 2;
    public const byte UnorderedFlag = 4;
    public const byte ImmediateFlag = 8;
    private byte[] _buffer = [];
    private int _offset;

    public uint Tsn { get; set; }

    public ushort Stream { get; set; }

    public ushort Sequence { get; set; }

    public uint PayloadProtocol { get; set; }

    public byte Flags { get; set; }

    /// <summary>Bytes of data.</summary>
    public int Length { get; private set; }

    /// <summary>When it was sent last.</summary>
    public TimeSpan SentAt { get; set; }

    /// <summary>In which packet it was sent last, counted from the first ever.</summary>
    public long Packet { get; set; }

    /// <summary>It was sent more than once, so an acknowledgement does not tell which.</summary>
    public bool IsResent { get; set; }

    /// <summary>Counted as being on its way.</summary>
    public bool IsInFlight { get; set; }

    /// <summary>Taken for lost: to be sent again.</summary>
    public bool IsLost { get; set; }

    /// <summary>It was taken for lost because later ones had arrived, not because nothing had.</summary>
    public bool IsOvertaken { get; set; }

    /// <summary>A gap block says that it has arrived; the receiver may still change its mind.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>Gives it its data, as a part of a message's buffer from the shared pool.</summary>
    public void SetData(byte[] buffer, int offset, int length) => (_buffer, _offset, Length) = (buffer, offset, length);

    /// <summary>Gives the buffer back with the message's last piece, before which all others have been acknowledged, and makes it as new.</summary>
    public void Clear()
    {
        if ((Flags & EndFlag) != 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _offset, Length) = ([], 0, 0);
        IsResent = IsInFlight = IsLost = IsOvertaken = IsAcknowledged = false;
    }

    /// <summary>Adds it to a packet.</summary>
    /// <param name="writer">The packet.</param>
    /// <param name="immediate">Asks for an acknowledgement without delay (RFC 7053).</param>
    /// <returns>False when there is no room.</returns>
    public bool TryWrite(ref SctpPacketWriter writer, bool immediate)
    {
        if (!writer.TryAdd(SctpChunkType.Data, (byte)(Flags | (immediate ? ImmediateFlag : 0)), HeaderLength + Length, out var body))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, Tsn);
        BinaryPrimitives.WriteUInt16BigEndian(body[4..], Stream);
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], PayloadProtocol);
        _buffer.AsSpan(_offset, Length).CopyTo(body[HeaderLength..]);
        return true;
    }
}
