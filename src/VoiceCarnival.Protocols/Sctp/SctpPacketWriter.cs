using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Writes an SCTP packet, chunk by chunk, into a buffer.</summary>
internal ref struct SctpPacketWriter
{
    private readonly Span<byte> _buffer;

    public SctpPacketWriter(Span<byte> buffer, ushort sourcePort, ushort destinationPort, uint verificationTag)
    {
        _buffer = buffer;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(buffer[2..], destinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], verificationTag);
        Length = SctpPacket.HeaderLength;
    }

    public int Length { get; private set; }

    public readonly bool IsEmpty => Length == SctpPacket.HeaderLength;

    /// <summary>The longest body that another chunk may have.</summary>
    public readonly int Room => ((_buffer.Length - Length) & ~3) - SctpPacket.ChunkHead;

    /// <summary>Adds a chunk and gives its body to be filled.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAdd(SctpChunkType type, byte flags, int bodyLength, out Span<byte> body)
    {
        body = default;
        if (bodyLength > Room)
            return false;
        int padded = (bodyLength + 3) & ~3;
        var chunk = _buffer.Slice(Length, SctpPacket.ChunkHead + padded);
        chunk[0] = (byte)type;
        chunk[1] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(chunk[2..], (ushort)(SctpPacket.ChunkHead + bodyLength));
        chunk[(SctpPacket.ChunkHead + bodyLength)..].Clear();
        body = chunk.Slice(SctpPacket.ChunkHead, bodyLength);
        Length += chunk.Length;
        return true;
    }

    /// <summary>Adds a chunk.</summary>
    public bool TryAdd(SctpChunkType type, byte flags, scoped ReadOnlySpan<byte> content)
    {
        if (!TryAdd(type, flags, content.Length, out var body))
            return false;
        content.CopyTo(body);
        return true;
    }

    /// <summary>Writes the checksum.</summary>
    /// <returns>Bytes of the packet.</returns>
    public readonly int Finish()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer[8..], Crc32c.OfPacket(_buffer[..Length]));
        return Length;
    }
}
