using System.Numerics;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Audio.Pcm;

/// <summary>The few vector loops that filters and detectors share.</summary>
internal static class VectorMath
{
    /// <summary>Sum of products of two spans of equal length, a multiple of 32. The result depends on the values only, not on where they lie.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(left);
        ReadOnlySpan<Vector<float>> b = MemoryMarshal.Cast<float, Vector<float>>(right)[..a.Length];
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int i = 0; i + 3 < a.Length; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }

        return Vector.Sum(s0 + s1 + (s2 + s3));
    }
}
