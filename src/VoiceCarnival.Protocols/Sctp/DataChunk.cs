using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>A received piece of a message, or a whole one (RFC 9260, section 3.3.1). A view of the bytes it was read from.</summary>
internal readonly ref struct DataChunk
{
    public uint Tsn { get; private init; }

    public ushort Stream { get; private init; }

    /// <summary>Which message of the stream it is; without meaning where <see cref="IsUnordered"/>.</summary>
    public ushort Sequence { get; private init; }

    public uint PayloadProtocol { get; private init; }

    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>It is the first piece.</summary>
    public bool Begins { get; private init; }

    /// <summary>It is the last piece.</summary>
    public bool Ends { get; private init; }

    /// <summary>It does not wait for other messages.</summary>
    public bool IsUnordered { get; private init; }

    /// <summary>It is to be acknowledged without delay (RFC 7053).</summary>
    public bool IsImmediate { get; private init; }

    /// <summary>Reads a chunk's body.</summary>
    /// <returns>False when it has no data, which is against the rules.</returns>
    public static bool TryRead(byte flags, ReadOnlySpan<byte> body, out DataChunk chunk)
    {
        chunk = default;
        if (body.Length <= OutboundChunk.HeaderLength)
            return false;
        chunk = new DataChunk
        {
            Tsn = BinaryPrimitives.ReadUInt32BigEndian(body),
            Stream = BinaryPrimitives.ReadUInt16BigEndian(body[4..]),
            Sequence = BinaryPrimitives.ReadUInt16BigEndian(body[6..]),
            PayloadProtocol = BinaryPrimitives.ReadUInt32BigEndian(body[8..]),
            Data = body[OutboundChunk.HeaderLength..],
            Begins = (flags & OutboundChunk.BeginFlag) != 0,
            Ends = (flags & OutboundChunk.EndFlag) != 0,
            IsUnordered = (flags & OutboundChunk.UnorderedFlag) != 0,
            IsImmediate = (flags & OutboundChunk.ImmediateFlag) != 0,
        };
        return true;
    }
}
