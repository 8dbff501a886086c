using Microsoft.Extensions.ObjectPool;

namespace VoiceCarnival.WebSockets;

/// <summary>
/// Blocks of one size, of which any number may be in use and only so many lie about unused. <see cref="System.Buffers.ArrayPool{T}"/> bounds both together: past its bound each block
/// is allocated anew. What is rented has what it was returned with. Thread-safe.
/// </summary>
/// <param name="length">Bytes of a block.</param>
/// <param name="mostFree">Unused blocks kept; what is returned beyond them is left to the collector.</param>
public sealed class BlockPool(int length, int mostFree)
{
    private readonly DefaultObjectPool<byte[]> _free = new(new Policy(length), mostFree);

    /// <summary>Takes a block.</summary>
    public byte[] Rent() => _free.Get();

    /// <summary>Gives a block back, which is not used any more.</summary>
    public void Return(byte[] block) => _free.Return(block);

    private sealed class Policy(int length) : PooledObjectPolicy<byte[]>
    {
        public override byte[] Create() => GC.AllocateUninitializedArray<byte>(length);

        public override bool Return(byte[] obj) => obj.Length == length;
    }
}
