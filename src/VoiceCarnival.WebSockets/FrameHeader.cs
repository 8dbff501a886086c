using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VoiceCarnival.WebSockets;

/// <summary>The bytes before a frame's payload (RFC 6455, section 5.2).</summary>
/// <param name="IsFinal">Last frame of its message.</param>
/// <param name="Opcode">What it is.</param>
/// <param name="IsMasked">The payload is masked with <paramref name="MaskKey"/>.</param>
/// <param name="MaskKey">The key as it lies in memory.</param>
/// <param name="PayloadLength">Bytes of payload.</param>
/// <param name="Length">Bytes of this header.</param>
internal readonly record struct FrameHeader(bool IsFinal, Opcode Opcode, bool IsMasked, uint MaskKey, long PayloadLength, int Length)
{
    /// <summary>The most bytes a header takes.</summary>
    public const int Longest = 14;

    private const byte FinalBit = 0x80;
    private const byte ReservedBits = 0x70;
    private const byte MaskBit = 0x80;
    private const int LongestControl = 125;

    /// <summary>Reads a header.</summary>
    /// <returns>Null when more bytes are needed or <paramref name="fault"/> says why there is none.</returns>
    public static FrameHeader? TryRead(ReadOnlySpan<byte> bytes, WebSocketRole role, out WebSocketFault? fault)
    {
        fault = null;
        if (bytes.Length < 2)
            return null;
        bool isFinal = (bytes[0] & FinalBit) != 0;
        var opcode = (Opcode)(bytes[0] & 0x0F);
        bool isMasked = (bytes[1] & MaskBit) != 0;
        long length = bytes[1] & 0x7F;
        fault = Check(bytes[0], isFinal, opcode, isMasked, length, role);
        if (fault is not null)
            return null;
        int at = 2;
        if (length == 126)
        {
            if (bytes.Length < 4)
                return null;
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            at = 4;
        }
        else if (length == 127)
        {
            if (bytes.Length < 10)
                return null;
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
            at = 10;
            if (length < 0)
            {
                fault = WebSocketFault.Protocol("a frame's length has its highest bit set");
                return null;
            }
        }

        uint key = 0;
        if (isMasked)
        {
            if (bytes.Length < at + 4)
                return null;
            key = MemoryMarshal.Read<uint>(bytes[at..]);
            at += 4;
        }

        return new FrameHeader(isFinal, opcode, isMasked, key, length, at);
    }

    /// <summary>Bytes that the header of an unfragmented frame takes.</summary>
    public static int LengthFor(int payloadLength, bool isMasked) =>
        (payloadLength <= LongestControl ? 2 : payloadLength <= ushort.MaxValue ? 4 : 10) + (isMasked ? 4 : 0);

    /// <summary>Writes the header of an unfragmented frame; unmasked when there is no key.</summary>
    public static int Write(Span<byte> to, Opcode opcode, int payloadLength, uint? maskKey)
    {
        to[0] = (byte)(FinalBit | (byte)opcode);
        byte mask = maskKey is null ? (byte)0 : MaskBit;
        int at;
        if (payloadLength <= LongestControl)
        {
            to[1] = (byte)(mask | payloadLength);
            at = 2;
        }
        else if (payloadLength <= ushort.MaxValue)
        {
            to[1] = (byte)(mask | 126);
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payloadLength);
            at = 4;
        }
        else
        {
            to[1] = (byte)(mask | 127);
            BinaryPrimitives.WriteInt64BigEndian(to[2..], payloadLength);
            at = 10;
        }

        if (maskKey is { } key)
        {
            MemoryMarshal.Write(to[at..], in key);
            at += 4;
        }

        return at;
    }

    private static WebSocketFault? Check(byte first, bool isFinal, Opcode opcode, bool isMasked, long length, WebSocketRole role)
    {
        if ((first & ReservedBits) != 0)
            return WebSocketFault.Protocol("a frame has reserved bits set");
        if (opcode is > Opcode.Binary and < Opcode.Close or > Opcode.Pong)
            return WebSocketFault.Protocol("a frame has a reserved opcode");
        if (opcode >= Opcode.Close && (!isFinal || length > LongestControl))
            return WebSocketFault.Protocol("a control frame is fragmented or longer than 125 bytes");
        if (isMasked != (role == WebSocketRole.Server))
            return WebSocketFault.Protocol(isMasked ? "a server's frame is masked" : "a client's frame is not masked");
        return null;
    }
}
