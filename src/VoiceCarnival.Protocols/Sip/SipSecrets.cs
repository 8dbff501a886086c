using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace VoiceCarnival.Protocols.Sip;

/// <summary>Tags, branches and other names that nobody can guess, and signatures, from one random seed. The layer draws nothing itself.</summary>
internal sealed class SipSecrets
{
    /// <summary>Random bytes that are wanted.</summary>
    public const int EntropyLength = 32;

    private readonly byte[] _key;
    private ulong _counter;

    public SipSecrets(ReadOnlySpan<byte> entropy)
    {
        if (entropy.Length < EntropyLength)
            throw new ArgumentException($"{EntropyLength} random bytes are wanted.", nameof(entropy));
        _key = entropy.ToArray();
    }

    /// <summary>A token of 20 letters and digits.</summary>
    public string NextToken()
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        Next(bytes);
        return Convert.ToHexStringLower(bytes[..10]);
    }

    /// <summary>A number from 0 up to, without, a limit.</summary>
    public int NextNumber(int limit)
    {
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        Next(bytes);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes) % (uint)limit);
    }

    /// <summary>Bytes for a key.</summary>
    public byte[] NextBytes(int count)
    {
        var bytes = new byte[SHA256.HashSizeInBytes];
        Next(bytes);
        return bytes[..count];
    }

    /// <summary>The same token for the same text, and for no other.</summary>
    public string TokenOf(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes("t" + text), hash);
        return Convert.ToHexStringLower(hash[..10]);
    }

    private void Next(Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[9];
        input[0] = (byte)'n';
        BinaryPrimitives.WriteUInt64BigEndian(input[1..], _counter++);
        HMACSHA256.HashData(_key, input, hash);
    }
}
