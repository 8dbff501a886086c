using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>A received SCTP packet (RFC 9260, section 3). A view of the bytes it was read from.</summary>
/// <remarks>
/// <code>
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          source port          |       destination port        |
/// |                       verification tag                        |
/// |            checksum (CRC-32C, little-endian)                  |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |     type      |     flags     | length, this head included    |   each chunk's head
/// </code>
/// </remarks>
internal readonly ref struct SctpPacket
{
    public const int HeaderLength = 12;
    public const int ChunkHead = 4;
    private readonly ReadOnlySpan<byte> _bytes;

    private SctpPacket(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_bytes);

    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_bytes[2..]);

    public uint VerificationTag => BinaryPrimitives.ReadUInt32BigEndian(_bytes[4..]);

    /// <summary>Checks length, checksum and the chunks' lengths; either all of it can be read or none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SctpPacket packet)
    {
        packet = default;
        if (bytes.Length < HeaderLength + ChunkHead || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Crc32c.OfPacket(bytes))
            return false;
        for (var rest = bytes[HeaderLength..]; rest.Length > 0;)
        {
            if (rest.Length < ChunkHead)
                return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < ChunkHead || length > rest.Length)
                return false;
            // The last chunk's padding may be missing.
            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }

        packet = new SctpPacket(bytes);
        return true;
    }

    public Enumerator GetEnumerator() => new(_bytes[HeaderLength..]);

    public readonly ref struct Chunk(SctpChunkType type, byte flags, ReadOnlySpan<byte> body)
    {
        public SctpChunkType Type { get; } = type;

        public byte Flags { get; } = flags;

        /// <summary>What follows the head, without padding.</summary>
        public ReadOnlySpan<byte> Body { get; } = body;
    }

    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> chunks) => _rest = chunks;

        public Chunk Current { get; private set; }

        public bool MoveNext()
        {
            if (_rest.Length == 0)
                return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
            Current = new Chunk((SctpChunkType)_rest[0], _rest[1], _rest[ChunkHead..length]);
            _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
            return true;
        }
    }
}
