using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>One packet of a compound.</summary>
public readonly ref struct RtcpPacket
{
    private const byte CnameItem = 1;

    internal RtcpPacket(RtcpPacketType type, int count, ReadOnlySpan<byte> body)
    {
        Type = type;
        Count = count;
        Body = body;
    }

    /// <summary>What it is.</summary>
    public RtcpPacketType Type { get; }

    /// <summary>Report blocks, chunks or sources in it, or a subtype, 0 to 31.</summary>
    public int Count { get; }

    /// <summary>What follows the head, without padding.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The source at a place in a goodbye (RFC 3550, section 6.6); null past the end.</summary>
    public Ssrc? GoodbyeSource(int index) => Type == RtcpPacketType.Goodbye && index >= 0 && index < Count && Body.Length >= 4 * (index + 1)
        ? new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(Body[(4 * index)..]))
        : null;

    /// <summary>The canonical name of a source in a source description (section 6.5): UTF-8, up to 255 bytes.</summary>
    /// <returns>False when it is not in this packet.</returns>
    public bool TryGetCname(Ssrc source, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (Type != RtcpPacketType.SourceDescription)
            return false;
        var rest = Body;
        for (int chunk = 0; chunk < Count && rest.Length >= 4; chunk++)
        {
            bool ours = BinaryPrimitives.ReadUInt32BigEndian(rest) == source.Value;
            int at = 4;
            // Items of type, length, text; a zero ends the chunk, which is filled up with zeros to a word.
            while (at + 2 <= rest.Length && rest[at] != 0)
            {
                int length = rest[at + 1];
                if (at + 2 + length > rest.Length)
                    return false;
                if (ours && rest[at] == CnameItem)
                {
                    name = rest.Slice(at + 2, length);
                    return true;
                }

                at += 2 + length;
            }

            rest = rest[Math.Min(rest.Length, (at + 4) & ~3)..];
        }

        return false;
    }
}
