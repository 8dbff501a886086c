using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Numbers nobody can guess, and signatures, from one random seed. The layer draws nothing itself.</summary>
internal sealed class SctpSecrets(ReadOnlySpan<byte> entropy)
{
    private readonly byte[] _key = entropy.ToArray();
    private ulong _counter;

    /// <summary>A number, never 0: a tag of 0 belongs to INIT alone.</summary>
    public uint Next()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> input = stackalloc byte[9];
        input[0] = (byte)'n';
        uint number;
        do
        {
            BinaryPrimitives.WriteUInt64BigEndian(input[1..], _counter++);
            HMACSHA256.HashData(_key, input, hash);
            number = BinaryPrimitives.ReadUInt32BigEndian(hash);
        }
        while (number == 0);
        return number;
    }

    /// <summary>Signs a cookie.</summary>
    public void Sign(ReadOnlySpan<byte> content, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[1 + content.Length];
        input[0] = (byte)'c';
        content.CopyTo(input[1..]);
        HMACSHA256.HashData(_key, input, hash);
    }
}
