using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio.Pcm;

/// <summary>Conversions of 16-bit linear PCM: wire bytes (little-endian), samples, and floats in [-1, 1).</summary>
/// <remarks>Nothing here allocates. Spans must not overlap unless they start at the same sample and have the same element type.</remarks>
public static class Pcm16
{
    /// <summary>Bytes of one sample.</summary>
    public const int BytesPerSample = 2;

    private const float FullScale = 32768f;

    /// <summary>Reads little-endian bytes as samples. A last odd byte is ignored: keep it for the next call.</summary>
    /// <returns>Samples written, <c>bytes.Length / 2</c>.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int BytesToSamples(ReadOnlySpan<byte> bytes, Span<short> samples)
    {
        int count = bytes.Length / BytesPerSample;
        ThrowIfTooShort(samples.Length, count);
        ReadOnlySpan<short> raw = MemoryMarshal.Cast<byte, short>(bytes[..(count * BytesPerSample)]);
        if (BitConverter.IsLittleEndian)
        {
            raw.CopyTo(samples);
        }
        else
        {
            BinaryPrimitives.ReverseEndianness(raw, samples);
        }

        return count;
    }

    /// <summary>Writes samples as little-endian bytes.</summary>
    /// <returns>Bytes written, <c>samples.Length * 2</c>.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int SamplesToBytes(ReadOnlySpan<short> samples, Span<byte> bytes)
    {
        int count = samples.Length * BytesPerSample;
        ThrowIfTooShort(bytes.Length, count);
        Span<short> raw = MemoryMarshal.Cast<byte, short>(bytes[..count]);
        if (BitConverter.IsLittleEndian)
        {
            samples.CopyTo(raw);
        }
        else
        {
            BinaryPrimitives.ReverseEndianness(samples, raw);
        }

        return count;
    }

    /// <summary>Converts samples to floats: -32768 becomes -1.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void ToFloat(ReadOnlySpan<short> samples, Span<float> floats)
    {
        ThrowIfTooShort(floats.Length, samples.Length);
        for (int i = 0; i < samples.Length; i++)
        {
            floats[i] = samples[i] * (1f / FullScale);
        }
    }

    /// <summary>Converts floats to samples: rounds to nearest (ties to even), clips outside [-1, 1), makes NaN silence.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void FromFloat(ReadOnlySpan<float> floats, Span<short> samples)
    {
        ThrowIfTooShort(samples.Length, floats.Length);
        for (int i = 0; i < floats.Length; i++)
        {
            samples[i] = FromFloat(floats[i]);
        }
    }

    /// <summary>Converts one float to a sample, as the span version does.</summary>
    public static short FromFloat(float value)
    {
        float scaled = MathF.Round(value * FullScale);
        return scaled >= short.MaxValue ? short.MaxValue
            : scaled <= short.MinValue ? short.MinValue
            : float.IsNaN(scaled) ? (short)0
            : (short)scaled;
    }

    internal static void ThrowIfTooShort(int available, int needed)
    {
        if (available < needed)
        {
            throw new ArgumentException($"The destination holds {available} elements; {needed} are needed.", nameof(available));
        }
    }
}
