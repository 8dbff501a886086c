using System.Buffers.Binary;
using System.Text;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>DATA_CHANNEL_OPEN (RFC 8832, section 5.1).</summary>
/// <param name="ChannelType">0 for reliable and in order; others ask for less, which may be given in full.</param>
/// <param name="Priority">Priority for sending.</param>
/// <param name="Reliability">A bound on tries or time, for types that have one.</param>
/// <param name="Label">The channel's name.</param>
/// <param name="Protocol">Its subprotocol; mostly empty.</param>
/// <remarks>
/// <code>
/// | type 3 |channel type |    priority   |
/// |       reliability parameter          |
/// | length of label | length of protocol | label, protocol
/// </code>
/// </remarks>
internal sealed record DcepOpen(byte ChannelType, ushort Priority, uint Reliability, string Label, string Protocol)
{
    public const byte OpenType = 3;
    public const byte AckType = 2;
    private const int FixedLength = 12;
    // Both are kept for as long as the channel; the standard would let each have 64 KB, which nobody has a use for.
    private const int LongestNames = 4096;

    public static DcepOpen? TryRead(ReadOnlySpan<byte> message)
    {
        if (message.Length < FixedLength || message[0] != OpenType)
            return null;
        int label = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        int protocol = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        if (message.Length != FixedLength + label + protocol || label + protocol > LongestNames)
            return null;
        return new DcepOpen(
            message[1],
            BinaryPrimitives.ReadUInt16BigEndian(message[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(message[4..]),
            Encoding.UTF8.GetString(message.Slice(FixedLength, label)),
            Encoding.UTF8.GetString(message[(FixedLength + label)..]));
    }

    public byte[] Format()
    {
        var label = Encoding.UTF8.GetBytes(Label);
        var protocol = Encoding.UTF8.GetBytes(Protocol);
        var message = new byte[FixedLength + label.Length + protocol.Length];
        message[0] = OpenType;
        message[1] = ChannelType;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Priority);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), Reliability);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(8), checked((ushort)label.Length));
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), checked((ushort)protocol.Length));
        label.CopyTo(message, FixedLength);
        protocol.CopyTo(message, FixedLength + label.Length);
        return message;
    }
}
