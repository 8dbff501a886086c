using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>A piece of a message that has been sent and not acknowledged by a cumulative TSN.</summary>
internal sealed class OutboundChunk
{
    /// <summary>TSN, stream, stream sequence number and payload protocol before the data (RFC 9260, section 3.3.1).</summary>
    public const int HeaderLength = 12;

    public const byte EndFlag = 1;
    public const byte BeginFlag = 2;
    public const byte UnorderedFlag = 4;
    public const byte ImmediateFlag = 8;

    public required uint Tsn { get; init; }

    public required ushort Stream { get; init; }

    public required ushort Sequence { get; init; }

    public required uint PayloadProtocol { get; init; }

    public required byte Flags { get; init; }

    public required ReadOnlyMemory<byte> Data { get; init; }

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

    /// <summary>A gap block says that it has arrived; the receiver may still change its mind.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>Packets sent after it that have arrived while it has not.</summary>
    public int Misses { get; set; }

    public bool TryWrite(ref SctpPacketWriter writer)
    {
        if (!writer.TryAdd(SctpChunkType.Data, Flags, HeaderLength + Data.Length, out var body))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, Tsn);
        BinaryPrimitives.WriteUInt16BigEndian(body[4..], Stream);
        BinaryPrimitives.WriteUInt16BigEndian(body[6..], Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(body[8..], PayloadProtocol);
        Data.Span.CopyTo(body[HeaderLength..]);
        return true;
    }
}
