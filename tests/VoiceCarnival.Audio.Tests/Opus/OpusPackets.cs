using System.Runtime.InteropServices;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Opus;

/// <summary>Opus packets that our own encoder does not make.</summary>
internal static partial class OpusPackets
{
    /// <summary>Several frames in one packet (RFC 6716, section 3.2.5, code 3, variable lengths).</summary>
    public static byte[] Join(IReadOnlyList<byte[]> packets)
    {
        var joined = new List<byte> { (byte)(packets[0][0] | 3), (byte)(0x80 | packets.Count) };
        for (int i = 0; i < packets.Count - 1; i++)
        {
            int length = packets[i].Length - 1;
            if (length >= 252)
            {
                int first = 252 + (length & 3);
                joined.Add((byte)first);
                joined.Add((byte)((length - first) / 4));
            }
            else
            {
                joined.Add((byte)length);
            }
        }

        foreach (byte[] packet in packets)
            joined.AddRange(packet[1..]);
        return [.. joined];
    }

    /// <summary>Packets of 20 ms, coded in stereo.</summary>
    public static List<byte[]> Stereo(short[] left, short[] right)
    {
        nint encoder = Create(24_000, 2, 2049, out int error);
        Assert.Equal(0, error);
        var packets = new List<byte[]>();
        try
        {
            Assert.Equal(0, Control(encoder, 4022, 2)); // forced to two channels
            var payload = new byte[1280];
            var frame = new short[960];
            for (int at = 0; at + 480 <= left.Length; at += 480)
            {
                for (int i = 0; i < 480; i++)
                    (frame[2 * i], frame[2 * i + 1]) = (left[at + i], right[at + i]);
                packets.Add(payload[..Encode(encoder, frame, 480, payload, payload.Length)]);
            }
        }
        finally
        {
            Destroy(encoder);
        }

        return packets;
    }

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encoder_create")]
    private static partial nint Create(int sampleRate, int channels, int application, out int error);

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encoder_destroy")]
    private static partial void Destroy(nint encoder);

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encoder_ctl")]
    private static partial int Control(nint encoder, int request, int value);

    [LibraryImport("libopus.so.0", EntryPoint = "opus_encode")]
    private static partial int Encode(nint encoder, ReadOnlySpan<short> samples, int frameSize, Span<byte> payload, int payloadLength);
}
