using System.Numerics;
using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.G711;

/// <summary>A-law of ITU-T G.711 (PCMA of RFC 3551): 8 bits per sample, 13-bit range held in the top bits of PCM16.</summary>
/// <remarks>Bit-exact with the reference of ITU-T G.191: negative samples are folded by one's complement.</remarks>
public static class ALaw
{
    /// <summary>The code of silence (the smallest positive value; A-law has no zero).</summary>
    public const byte Silence = 0xD5;

    private const int EvenBits = 0x55;

    private static readonly short[] Decoded = BuildTable();

    /// <summary>Decodes one code to a PCM16 sample, -32256 to 32256.</summary>
    public static short Decode(byte code) => Decoded[code];

    /// <summary>Decodes codes to samples, one to one.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Decode(ReadOnlySpan<byte> codes, Span<short> samples)
    {
        Pcm16.ThrowIfTooShort(samples.Length, codes.Length);
        short[] table = Decoded;
        for (int i = 0; i < codes.Length; i++)
        {
            samples[i] = table[codes[i]];
        }
    }

    /// <summary>Encodes one PCM16 sample.</summary>
    public static byte Encode(short sample)
    {
        int sign = sample >> 15;
        int magnitude = (sample ^ sign) >> 4;

        // Segments 0 and 1 share a step size; from there each doubles it.
        int segment = magnitude < 32 ? magnitude >> 4 : BitOperations.Log2((uint)magnitude) - 3;
        int step = (magnitude >> Math.Max(segment - 1, 0)) & 0x0F;

        // G.711 transmits every second bit inverted; the sign bit is 1 for positive values.
        return (byte)((((sign & 0x80) ^ 0x80) | (segment << 4) | step) ^ EvenBits);
    }

    /// <summary>Encodes samples to codes, one to one.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Encode(ReadOnlySpan<short> samples, Span<byte> codes)
    {
        Pcm16.ThrowIfTooShort(codes.Length, samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            codes[i] = Encode(samples[i]);
        }
    }

    private static short[] BuildTable()
    {
        var table = new short[256];
        for (int code = 0; code < table.Length; code++)
        {
            int bits = code ^ EvenBits;
            int segment = (bits >> 4) & 0x07;
            int step = (bits & 0x0F) | (segment > 0 ? 0x10 : 0);
            int magnitude = ((step << 4) + 8) << Math.Max(segment - 1, 0);
            table[code] = (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
        }

        return table;
    }
}
