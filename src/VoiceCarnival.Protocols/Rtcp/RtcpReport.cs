using System.Buffers.Binary;
using VoiceCarnival.Protocols.Rtp;

namespace VoiceCarnival.Protocols.Rtcp;

/// <summary>A sender or receiver report (RFC 3550, sections 6.4.1 and 6.4.2). A view of the packet it was read from.</summary>
public readonly ref struct RtcpReport
{
    private readonly ReadOnlySpan<byte> _blocks;

    private RtcpReport(Ssrc source, SenderInfo? sender, int count, ReadOnlySpan<byte> blocks)
    {
        Source = source;
        Sender = sender;
        Count = count;
        _blocks = blocks;
    }

    /// <summary>Who reports.</summary>
    public Ssrc Source { get; }

    /// <summary>What it sent; null in a receiver report.</summary>
    public SenderInfo? Sender { get; }

    /// <summary>How many sources it reports on.</summary>
    public int Count { get; }

    /// <summary>What it received of one of them.</summary>
    public ReportBlock this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return ReportBlock.Read(_blocks.Slice(index * ReportBlock.Length, ReportBlock.Length));
        }
    }

    /// <summary>Reads a packet.</summary>
    /// <returns>False when it is no report, or shorter than it says.</returns>
    public static bool TryRead(RtcpPacket packet, out RtcpReport report)
    {
        report = default;
        int head = packet.Type switch
        {
            RtcpPacketType.SenderReport => 4 + SenderInfo.Length,
            RtcpPacketType.ReceiverReport => 4,
            _ => int.MaxValue,
        };
        if (packet.Body.Length < head || (packet.Body.Length - head) / ReportBlock.Length < packet.Count)
            return false;
        SenderInfo? sender = packet.Type == RtcpPacketType.SenderReport ? SenderInfo.Read(packet.Body[4..]) : null;
        report = new RtcpReport(new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet.Body)), sender, packet.Count, packet.Body[head..]);
        return true;
    }
}
