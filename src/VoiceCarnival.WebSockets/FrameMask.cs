using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VoiceCarnival.WebSockets;

/// <summary>Masking of payloads (RFC 6455, section 5.3): each byte is XORed with one of the key's four, in turn.</summary>
internal static class FrameMask
{
    private const int PooledKeys = 512;

    [ThreadStatic]
    private static uint[]? _keys;

    [ThreadStatic]
    private static int _keysLeft;

    /// <summary>A fresh unpredictable key. Drawn from the system's generator in batches: a draw for every frame would cost more than the masking.</summary>
    public static uint NewKey()
    {
        if (_keysLeft == 0)
        {
            _keys ??= new uint[PooledKeys];
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(_keys.AsSpan()));
            _keysLeft = PooledKeys;
        }

        return _keys![--_keysLeft];
    }

    /// <summary>
    /// Masks or unmasks <paramref name="from"/> into <paramref name="to"/>, which may be the same memory. The key is given as its four wire bytes lie in memory.
    /// </summary>
    public static void Apply(uint key, ReadOnlySpan<byte> from, Span<byte> to)
    {
        int done = 0;
        ref byte source = ref MemoryMarshal.GetReference(from);
        ref byte target = ref MemoryMarshal.GetReference(to[..from.Length]);
        if (Vector.IsHardwareAccelerated && from.Length >= Vector<byte>.Count)
        {
            var keys = Vector.AsVectorByte(new Vector<uint>(key));
            for (; done <= from.Length - Vector<byte>.Count; done += Vector<byte>.Count)
            {
                var bytes = Unsafe.ReadUnaligned<Vector<byte>>(ref Unsafe.Add(ref source, done));
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, done), bytes ^ keys);
            }
        }

        // The vector's size is a multiple of four, so the key is at its first byte again.
        var wire = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key));
        for (; done < from.Length; done++)
            Unsafe.Add(ref target, done) = (byte)(Unsafe.Add(ref source, done) ^ wire[done & 3]);
    }
}
