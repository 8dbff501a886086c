using System.Buffers.Binary;

namespace VoiceCarnival.Protocols.Ice;

/// <summary>Datagrams on a connection: each behind its length in two bytes (RFC 4571, section 2). The caller keeps what is not consumed yet.</summary>
public static class StreamFraming
{
    /// <summary>Bytes before each frame.</summary>
    public const int HeaderLength = 2;

    /// <summary>The longest frame taken; what would not fit into a datagram has no place here.</summary>
    public const int MaxFrame = 2048;

    /// <summary>Reads the next frame.</summary>
    /// <param name="received">Bytes not consumed yet.</param>
    /// <param name="frame">The frame, part of <paramref name="received"/>; may be empty.</param>
    /// <param name="consumed">Bytes to drop once the frame is dealt with.</param>
    public static StreamFrameStatus TryRead(ReadOnlySpan<byte> received, out ReadOnlySpan<byte> frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (received.Length < HeaderLength)
            return StreamFrameStatus.Incomplete;
        int length = BinaryPrimitives.ReadUInt16BigEndian(received);
        if (length > MaxFrame)
            return StreamFrameStatus.TooLong;
        if (received.Length < HeaderLength + length)
            return StreamFrameStatus.Incomplete;
        frame = received.Slice(HeaderLength, length);
        consumed = HeaderLength + length;
        return StreamFrameStatus.Complete;
    }

    /// <summary>Writes the length that goes before a frame.</summary>
    public static void WriteHeader(Span<byte> to, int frameLength) => BinaryPrimitives.WriteUInt16BigEndian(to, checked((ushort)frameLength));
}
