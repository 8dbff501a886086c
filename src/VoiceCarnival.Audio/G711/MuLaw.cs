using System.Numerics;
using VoiceCarnival.Audio.Pcm;

namespace VoiceCarnival.Audio.G711;

/// <summary>µ-law of ITU-T G.711 (PCMU of RFC 3551): 8 bits per sample, 14-bit range held in the top bits of PCM16.</summary>
/// <remarks>
/// Bit-exact with the reference of ITU-T G.191: negative samples are folded by one's complement, so code 0x7F (minus zero)
/// decodes to 0 and 0 encodes to 0xFF.
/// </remarks>
public static class MuLaw
{
    /// <summary>The code of silence.</summary>
    public const byte Silence = 0xFF;

    private const int Bias = 33;
    private const int MaxMagnitude = 0x1FFF;

    private static readonly short[] Decoded = BuildTable();

    /// <summary>Decodes one code to a PCM16 sample, -32124 to 32124.</summary>
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
        int magnitude = Math.Min(((sample ^ sign) >> 2) + Bias, MaxMagnitude);
        int segment = BitOperations.Log2((uint)magnitude) - 5;
        int step = (magnitude >> (segment + 1)) & 0x0F;

        // G.711 transmits all bits inverted; the sign bit is 1 for positive values after inversion.
        return (byte)~((sign & 0x80) | (segment << 4) | step);
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
            int bits = ~code;
            int segment = (bits >> 4) & 0x07;
            int magnitude = ((((bits & 0x0F) << 1) + Bias) << segment) - Bias;
            table[code] = (short)((bits & 0x80) != 0 ? -magnitude << 2 : magnitude << 2);
        }

        return table;
    }
}
