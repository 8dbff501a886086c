using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>Writes a compound RTCP packet into a buffer. Begin with a report (RFC 3550, section 6.1).</summary>
/// <param name="buffer">Where to.</param>
public ref struct RtcpWriter(Span<byte> buffer)
{
    private const byte CnameItem = 1;
    private const int MaxCount = 31;
    private const int MaxText = 255;
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a report: a sender report when there is something to say on sending, else a receiver report.</summary>
    /// <returns>False when there is no room or there are more than 31 blocks.</returns>
    public bool TryAddReport(Ssrc source, SenderInfo? sender, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        int head = sender is null ? 4 : 4 + SenderInfo.Length;
        if (blocks.Length > MaxCount)
            return false;
        var type = sender is null ? RtcpPacketType.ReceiverReport : RtcpPacketType.SenderReport;
        if (!TryBegin(type, blocks.Length, head + blocks.Length * ReportBlock.Length, out var body))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, source.Value);
        sender?.Write(body[4..]);
        for (int i = 0; i < blocks.Length; i++)
            blocks[i].Write(body[(head + i * ReportBlock.Length)..]);
        return true;
    }

    /// <summary>Adds the canonical name of a source.</summary>
    /// <returns>False when there is no room or the name, in UTF-8, is longer than 255 bytes.</returns>
    public bool TryAddCname(Ssrc source, scoped ReadOnlySpan<byte> name)
    {
        // At least one zero byte ends the chunk.
        if (name.Length > MaxText || !TryBegin(RtcpPacketType.SourceDescription, 1, (4 + 2 + name.Length + 4) & ~3, out var body))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, source.Value);
        body[4] = CnameItem;
        body[5] = (byte)name.Length;
        name.CopyTo(body[6..]);
        body[(6 + name.Length)..].Clear();
        return true;
    }

    /// <summary>Adds a goodbye of a source.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAddGoodbye(Ssrc source)
    {
        if (!TryBegin(RtcpPacketType.Goodbye, 1, 4, out var body))
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(body, source.Value);
        return true;
    }

    private bool TryBegin(RtcpPacketType type, int count, int bodyLength, out Span<byte> body)
    {
        body = default;
        if (_buffer.Length - Length < RtcpCompound.HeaderLength + bodyLength)
            return false;
        var head = _buffer[Length..];
        head[0] = (byte)(RtcpCompound.VersionBits | count);
        head[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(bodyLength / 4));
        body = head.Slice(RtcpCompound.HeaderLength, bodyLength);
        Length += RtcpCompound.HeaderLength + bodyLength;
        return true;
    }
}
