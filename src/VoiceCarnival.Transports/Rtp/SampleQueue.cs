using System.Buffers;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>Samples in a row, in chunks that are borrowed while they hold something. Not thread-safe.</summary>
internal sealed class SampleQueue
{
    private const int Chunk = 4096;
    // Of their own: answers that wait are far more chunks than the shared pool keeps, and as garbage that lives for seconds they are what a collector copies longest. 16 MiB at most.
    private static readonly ArrayPool<short> Chunks = ArrayPool<short>.Create(Chunk, 2048);
    private readonly Queue<short[]> _chunks = new();
    private short[]? _last;
    private int _readAt;
    private int _writeAt;

    /// <summary>Samples in it.</summary>
    public int Count { get; private set; }

    /// <summary>Puts samples behind those that are there.</summary>
    public void Append(ReadOnlySpan<short> samples)
    {
        while (!samples.IsEmpty)
        {
            if (_last is null || _writeAt == Chunk)
            {
                _last = Chunks.Rent(Chunk);
                _chunks.Enqueue(_last);
                _writeAt = 0;
            }

            int count = Math.Min(samples.Length, Chunk - _writeAt);
            samples[..count].CopyTo(_last.AsSpan(_writeAt));
            samples = samples[count..];
            _writeAt += count;
            Count += count;
        }
    }

    /// <summary>Takes samples from the front.</summary>
    /// <returns>How many there were.</returns>
    public int Take(Span<short> samples)
    {
        int taken = 0;
        while (taken < samples.Length && Count > 0)
        {
            var chunk = _chunks.Peek();
            int end = ReferenceEquals(chunk, _last) ? _writeAt : Chunk;
            int count = Math.Min(samples.Length - taken, end - _readAt);
            chunk.AsSpan(_readAt, count).CopyTo(samples[taken..]);
            taken += count;
            _readAt += count;
            Count -= count;
            if (_readAt == end)
                Return();
        }

        return taken;
    }

    /// <summary>Drops all.</summary>
    public void Clear()
    {
        while (_chunks.Count > 0)
            Return();
        Count = 0;
    }

    private void Return()
    {
        var chunk = _chunks.Dequeue();
        if (ReferenceEquals(chunk, _last))
            _last = null;
        Chunks.Return(chunk);
        _readAt = 0;
    }
}
