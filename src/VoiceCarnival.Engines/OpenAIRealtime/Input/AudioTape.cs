using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Input;

/// <summary>
/// The newest audio of a caller, by its place in all that the caller sent. Kept in small pooled pieces, so that dropping what is not needed any more
/// gives its memory back at once. Past the bound the oldest goes. Not thread-safe.
/// </summary>
/// <param name="capacity">Most bytes kept.</param>
internal sealed class AudioTape(int capacity)
{
    private const int ChunkLength = 1024;

    // A proof lets go of many at once, more than the shared pool takes back of many callers, and they are needed again within a moment. At most 4 MB lie about unused.
    private static readonly BlockPool Pool = new(ChunkLength, mostFree: 4096);

    private readonly Queue<byte[]> _chunks = new();
    private byte[] _last = [];
    private long _firstChunkStart;

    /// <summary>Place of the oldest byte kept; all before it are gone.</summary>
    public long Start { get; private set; }

    /// <summary>Place after the newest byte: all that the caller sent so far.</summary>
    public long End { get; private set; }

    /// <summary>Adds raw audio.</summary>
    public void Append(ReadOnlySpan<byte> audio)
    {
        while (audio.Length > 0)
        {
            int at = (int)((End - _firstChunkStart) % ChunkLength);
            if (at == 0)
            {
                _last = Pool.Rent();
                _chunks.Enqueue(_last);
            }

            int length = Math.Min(audio.Length, ChunkLength - at);
            audio[..length].CopyTo(_last.AsSpan(at));
            End += length;
            audio = audio[length..];
            DropBefore(End - capacity);
        }
    }

    /// <summary>Forgets all before a place.</summary>
    public void DropBefore(long place)
    {
        Start = Math.Clamp(place, Start, End);
        while (_chunks.Count > 0 && (Start - _firstChunkStart >= ChunkLength || Start == End))
        {
            Pool.Return(_chunks.Dequeue());
            _firstChunkStart += ChunkLength;
        }

        if (_chunks.Count == 0)
            _firstChunkStart = End;
    }

    /// <summary>The first piece of what is kept between two places; empty when there is none. Valid until the tape changes.</summary>
    public ReadOnlySpan<byte> Read(long from, long to)
    {
        from = Math.Max(from, Start);
        to = Math.Min(to, End);
        if (from >= to)
            return default;
        var (index, at) = Math.DivRem((int)(from - _firstChunkStart), ChunkLength);
        // Read when a connection has broken; a walk over some chunks is no matter then.
        return _chunks.ElementAt(index).AsSpan(at, (int)Math.Min(to - from, ChunkLength - at));
    }
}
