using System.Buffers.Binary;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The 16 bytes before the samples of a binary frame from the server (subprotocol <c>voicecarnival.pcm16</c>).</summary>
/// <param name="Ordinal">The item's number on this connection; <c>voicecarnival.audio_item</c> tells its id.</param>
/// <param name="ContentIndex">The content part inside the item.</param>
/// <param name="SampleOffset">Where in the part's audio the frame's first sample lies.</param>
public readonly record struct AudioFrameHeader(uint Ordinal, uint ContentIndex, ulong SampleOffset)
{
    /// <summary>The header's length in bytes.</summary>
    public const int Length = 16;

    /// <summary>Reads the header at the start of a frame.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out AudioFrameHeader header)
    {
        header = default;
        if (frame.Length < Length)
        {
            return false;
        }

        header = new(
            BinaryPrimitives.ReadUInt32LittleEndian(frame),
            BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[8..]));
        return true;
    }

    /// <summary>Writes the header, for a server in a test.</summary>
    public void Write(Span<byte> frame)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Ordinal);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], ContentIndex);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], SampleOffset);
    }
}
