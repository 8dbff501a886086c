using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VoiceCarnival.Speech.VoiceActivity;

/// <summary>
/// A matrix and a bias, applied to one or four vectors. The weights of sixteen outputs lie together, input by input, so that eight outputs are one vector and an input is one number for
/// all of them: no sums across a vector, four inputs share each weight that is read, and memory is read in the order in which it lies.
/// </summary>
/// <param name="inputs">Length of a vector that goes in.</param>
/// <param name="outputs">Length of the vector that comes out; a multiple of 16, and of 64 for <see cref="Apply"/>.</param>
internal sealed class DenseLayer(int inputs, int outputs)
{
    private const int Lane = 16;
    private readonly float[] _weights = new float[inputs * outputs];
    private readonly float[] _bias = new float[outputs];

    public int Inputs => inputs;

    public int Outputs => outputs;

    /// <summary>Sets a weight.</summary>
    public void SetWeight(int output, int input, float weight) => _weights[(((output / Lane * inputs) + input) * Lane) + (output % Lane)] = weight;

    /// <summary>Sets what is added to an output.</summary>
    public void SetBias(int output, float bias) => _bias[output] = bias;

    /// <summary>One vector.</summary>
    // Optimised at once: what the first tier makes of this takes longer than the audio lasts.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(ReadOnlySpan<float> input, Span<float> output, bool rectify)
    {
        // The slices are the bounds check; nothing below has one.
        ref float x = ref MemoryMarshal.GetReference(input[..inputs]);
        ref float y = ref MemoryMarshal.GetReference(output[..outputs]);
        ref float bias = ref MemoryMarshal.GetArrayDataReference(_bias);
        var floor = Vector256.Create(rectify ? 0 : float.NegativeInfinity);
        nuint block = (nuint)(Lane * inputs);
        for (nuint o = 0; o < (nuint)outputs; o += 4 * Lane)
        {
            // Eight sums at a time: fewer would wait for each other.
            ref float w = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), o * (nuint)inputs);
            var a0 = Vector256.LoadUnsafe(ref bias, o);
            var a1 = Vector256.LoadUnsafe(ref bias, o + 8);
            var b0 = Vector256.LoadUnsafe(ref bias, o + 16);
            var b1 = Vector256.LoadUnsafe(ref bias, o + 24);
            var c0 = Vector256.LoadUnsafe(ref bias, o + 32);
            var c1 = Vector256.LoadUnsafe(ref bias, o + 40);
            var d0 = Vector256.LoadUnsafe(ref bias, o + 48);
            var d1 = Vector256.LoadUnsafe(ref bias, o + 56);
            for (nuint i = 0; i < (nuint)inputs; i++)
            {
                var v = Vector256.Create(Unsafe.Add(ref x, i));
                a0 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w), a0);
                a1 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, 8), a1);
                b0 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, block), b0);
                b1 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, block + 8), b1);
                c0 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, 2 * block), c0);
                c1 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, (2 * block) + 8), c1);
                d0 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, 3 * block), d0);
                d1 = Vector256.MultiplyAddEstimate(v, Vector256.LoadUnsafe(ref w, (3 * block) + 8), d1);
                w = ref Unsafe.Add(ref w, Lane);
            }

            Vector256.Max(a0, floor).StoreUnsafe(ref y, o);
            Vector256.Max(a1, floor).StoreUnsafe(ref y, o + 8);
            Vector256.Max(b0, floor).StoreUnsafe(ref y, o + 16);
            Vector256.Max(b1, floor).StoreUnsafe(ref y, o + 24);
            Vector256.Max(c0, floor).StoreUnsafe(ref y, o + 32);
            Vector256.Max(c1, floor).StoreUnsafe(ref y, o + 40);
            Vector256.Max(d0, floor).StoreUnsafe(ref y, o + 48);
            Vector256.Max(d1, floor).StoreUnsafe(ref y, o + 56);
        }
    }

    /// <summary>Four vectors, which may overlap, each <paramref name="step"/> after the one before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApplyToFour(ReadOnlySpan<float> input, int step, Span<float> output, bool rectify)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ref float x0 = ref MemoryMarshal.GetReference(input[..(inputs + (3 * step))]);
        ref float x1 = ref Unsafe.Add(ref x0, step);
        ref float x2 = ref Unsafe.Add(ref x1, step);
        ref float x3 = ref Unsafe.Add(ref x2, step);
        ref float y = ref MemoryMarshal.GetReference(output[..(4 * outputs)]);
        ref float bias = ref MemoryMarshal.GetArrayDataReference(_bias);
        var floor = Vector256.Create(rectify ? 0 : float.NegativeInfinity);
        nuint count = (nuint)outputs;
        for (nuint o = 0; o < count; o += Lane)
        {
            ref float w = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_weights), o * (nuint)inputs);
            Vector256<float> a0, a1, a2, a3, b0, b1, b2, b3;
            a0 = a1 = a2 = a3 = Vector256.LoadUnsafe(ref bias, o);
            b0 = b1 = b2 = b3 = Vector256.LoadUnsafe(ref bias, o + 8);
            for (nuint i = 0; i < (nuint)inputs; i++)
            {
                var wa = Vector256.LoadUnsafe(ref w);
                var wb = Vector256.LoadUnsafe(ref w, 8);
                var v = Vector256.Create(Unsafe.Add(ref x0, i));
                a0 = Vector256.MultiplyAddEstimate(v, wa, a0);
                b0 = Vector256.MultiplyAddEstimate(v, wb, b0);
                v = Vector256.Create(Unsafe.Add(ref x1, i));
                a1 = Vector256.MultiplyAddEstimate(v, wa, a1);
                b1 = Vector256.MultiplyAddEstimate(v, wb, b1);
                v = Vector256.Create(Unsafe.Add(ref x2, i));
                a2 = Vector256.MultiplyAddEstimate(v, wa, a2);
                b2 = Vector256.MultiplyAddEstimate(v, wb, b2);
                v = Vector256.Create(Unsafe.Add(ref x3, i));
                a3 = Vector256.MultiplyAddEstimate(v, wa, a3);
                b3 = Vector256.MultiplyAddEstimate(v, wb, b3);
                w = ref Unsafe.Add(ref w, Lane);
            }

            Vector256.Max(a0, floor).StoreUnsafe(ref y, o);
            Vector256.Max(b0, floor).StoreUnsafe(ref y, o + 8);
            Vector256.Max(a1, floor).StoreUnsafe(ref y, o + count);
            Vector256.Max(b1, floor).StoreUnsafe(ref y, o + count + 8);
            Vector256.Max(a2, floor).StoreUnsafe(ref y, o + (2 * count));
            Vector256.Max(b2, floor).StoreUnsafe(ref y, o + (2 * count) + 8);
            Vector256.Max(a3, floor).StoreUnsafe(ref y, o + (3 * count));
            Vector256.Max(b3, floor).StoreUnsafe(ref y, o + (3 * count) + 8);
        }
    }
}
