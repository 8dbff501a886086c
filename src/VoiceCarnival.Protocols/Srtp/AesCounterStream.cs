using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Srtp;

/// <summary>
/// AES in counter mode (RFC 3711, section 4.1.1). The framework has no such mode, so a buffer of counters is encrypted in one go and XORed with the data.
/// Allocates nothing per packet. Not thread-safe.
/// </summary>
internal sealed class AesCounterStream : IDisposable
{
    private const int Block = 16;
    private const int Blocks = 64;
    private const int SaltLength = 14;
    private readonly byte[] _counters = new byte[Blocks * Block];
    private readonly byte[] _stream = new byte[Blocks * Block];
    private readonly byte[] _salt = new byte[SaltLength];
    private readonly ICryptoTransform _encryptor;

    public AesCounterStream(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
    {
        salt.CopyTo(_salt);
        using var aes = Aes.Create();
        aes.SetKey(key);
#pragma warning disable CA5358 // ECB is the building block of counter mode: no block is ever encrypted twice.
        aes.Mode = CipherMode.ECB;
#pragma warning restore CA5358
        aes.Padding = PaddingMode.None;
        _encryptor = aes.CreateEncryptor();
    }

    /// <summary>
    /// Encrypts or decrypts in place. The counter starts at (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16); index has 48 bits.
    /// </summary>
    public void Apply(Span<byte> data, uint ssrc, ulong index)
    {
        Span<byte> start = stackalloc byte[Block];
        start.Clear();
        _salt.CopyTo(start);
        BinaryPrimitives.WriteUInt32BigEndian(start[4..], BinaryPrimitives.ReadUInt32BigEndian(start[4..]) ^ ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(start[8..], BinaryPrimitives.ReadUInt64BigEndian(start[8..]) ^ (index << 16));

        ushort block = 0;
        while (data.Length > 0)
        {
            int blocks = Math.Min(Blocks, (data.Length + Block - 1) / Block);
            for (int i = 0; i < blocks; i++)
            {
                var counter = _counters.AsSpan(i * Block, Block);
                start.CopyTo(counter);
                BinaryPrimitives.WriteUInt16BigEndian(counter[(Block - 2)..], block++);
            }

            _encryptor.TransformBlock(_counters, 0, blocks * Block, _stream, 0);
            int length = Math.Min(data.Length, blocks * Block);
            Xor(data[..length], _stream);
            data = data[length..];
        }
    }

    public void Dispose()
    {
        _encryptor.Dispose();
        CryptographicOperations.ZeroMemory(_salt);
        CryptographicOperations.ZeroMemory(_stream);
        CryptographicOperations.ZeroMemory(_counters);
    }

    private static void Xor(Span<byte> data, ReadOnlySpan<byte> stream)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(data);
        var streamVectors = MemoryMarshal.Cast<byte, Vector<byte>>(stream);
        for (int i = 0; i < vectors.Length; i++)
            vectors[i] ^= streamVectors[i];
        for (int i = vectors.Length * Vector<byte>.Count; i < data.Length; i++)
            data[i] ^= stream[i];
    }
}
