using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>What has arrived at the peer, and how much more it takes (RFC 9260, section 3.3.4).</summary>
/// <remarks>
/// <code>
/// |                     cumulative TSN                      |
/// |                 receive window, in bytes                |
/// | number of gap blocks       | number of duplicates       |
/// | start and end of each block, as offsets from the        |
/// | cumulative TSN; each duplicate's TSN                    |
/// </code>
/// </remarks>
internal readonly ref struct SackChunk
{
    public const int FixedLength = 12;
    public const int BlockLength = 4;

    /// <summary>The last TSN before the first gap.</summary>
    public required uint Cumulative { get; init; }

    /// <summary>Bytes that the peer has room for, without what is on its way.</summary>
    public required uint Window { get; init; }

    /// <summary>Gap blocks as they came: two 16-bit offsets each.</summary>
    public ReadOnlySpan<byte> Blocks { get; init; }

    /// <summary>Reads a chunk's body.</summary>
    /// <returns>False when its counts exceed its length.</returns>
    public static bool TryRead(ReadOnlySpan<byte> body, out SackChunk sack)
    {
        sack = default;
        if (body.Length < FixedLength)
            return false;
        int blocks = BinaryPrimitives.ReadUInt16BigEndian(body[8..]);
        int duplicates = BinaryPrimitives.ReadUInt16BigEndian(body[10..]);
        if (body.Length < FixedLength + BlockLength * blocks + 4 * duplicates)
            return false;
        sack = new SackChunk
        {
            Cumulative = BinaryPrimitives.ReadUInt32BigEndian(body),
            Window = BinaryPrimitives.ReadUInt32BigEndian(body[4..]),
            Blocks = body.Slice(FixedLength, BlockLength * blocks),
        };
        return true;
    }

    /// <summary>Writes a chunk's body.</summary>
    /// <param name="to">Exactly as long as the chunk.</param>
    /// <param name="cumulative">The last TSN before the first gap.</param>
    /// <param name="window">Bytes of room.</param>
    /// <param name="gaps">Start and end of each block.</param>
    /// <param name="duplicates">TSNs that came more than once.</param>
    public static void Write(Span<byte> to, uint cumulative, uint window, ReadOnlySpan<ushort> gaps, ReadOnlySpan<uint> duplicates)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, cumulative);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], window);
        BinaryPrimitives.WriteUInt16BigEndian(to[8..], (ushort)(gaps.Length / 2));
        BinaryPrimitives.WriteUInt16BigEndian(to[10..], (ushort)duplicates.Length);
        to = to[FixedLength..];
        foreach (ushort offset in gaps)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to, offset);
            to = to[2..];
        }

        foreach (uint tsn in duplicates)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to, tsn);
            to = to[4..];
        }
    }
}
