using System.Buffers;

namespace VoiceCarnival.WebSockets;

/// <summary>
/// Frames on their way out, in pooled blocks: they fill one after another while others are written, so frames that come during a write leave together in the next. Written
/// ones go, or are kept until they are released. Holds no memory while nothing is kept and nothing waits. Not thread-safe.
/// </summary>
internal sealed class OutgoingFrames(WebSocketRole role) : IDisposable
{
    private const int Smallest = 2048;
    private const int Largest = 64 * 1024;
    private const int LargestPiece = 64 * 1024;

    // A proof lets go of many small blocks at once, more than the shared pool takes back of many lines, and they are needed again within a moment. At most 2 MB lie about unused.
    private static readonly BlockPool SmallBlocks = new(Smallest, mostFree: 1024);

    private Block[] _blocks = []; // a ring
    private int _first;
    private int _count;
    private int _firstAt; // where in the first block what is held begins
    private int _writing; // the block that is written, counted from the first
    private int _inFlight;
    private bool _isKeeping;

    /// <summary>Bytes ever added; also the place where they end.</summary>
    public long Added { get; private set; }

    /// <summary>Place up to which all has been written.</summary>
    public long Written { get; private set; }

    /// <summary>Place up to which all has been let go of.</summary>
    public long Released { get; private set; }

    /// <summary>Bytes added and not yet written.</summary>
    public int Pending => (int)(Added - Written);

    /// <summary>Bytes in memory: those that wait to be written, and those that are kept.</summary>
    public int Held => (int)(Added - Released);

    /// <summary>What was written stays until <see cref="Release"/>.</summary>
    public bool IsKeeping
    {
        get => _isKeeping;
        set
        {
            _isKeeping = value;
            if (!value)
                Release(Written);
        }
    }

    /// <summary>Adds a frame.</summary>
    public void Add<TPayload>(Opcode opcode, TPayload payload)
        where TPayload : IFramePayload, allows ref struct
    {
        int length = payload.Length;
        uint? key = role == WebSocketRole.Client ? FrameMask.NewKey() : null;
        ref var block = ref Reserve(FrameHeader.LengthFor(length, key is not null) + length);
        int header = FrameHeader.Write(block.Bytes.AsSpan(block.Filled), opcode, length, key);
        var bytes = block.Bytes.AsSpan(block.Filled + header, length);
        payload.Write(bytes);
        if (key is { } mask)
            FrameMask.Apply(mask, bytes, bytes);
        // Only now: a payload that throws must not leave half a frame.
        block.Filled += header + length;
        Added += header + length;
    }

    /// <summary>
    /// Takes the next piece to be written; <see cref="Wrote"/> follows. What was added meanwhile leaves together, but never so much at once that a peer which reads slowly
    /// looks like one that does not read.
    /// </summary>
    public bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        while (_writing < _count)
        {
            ref var block = ref At(_writing);
            if (block.Written < block.Filled)
            {
                _inFlight = Math.Min(LargestPiece, block.Filled - block.Written);
                bytes = block.Bytes.AsMemory(block.Written, _inFlight);
                return true;
            }

            if (_writing == _count - 1)
                break;
            _writing++;
        }

        bytes = default;
        return false;
    }

    /// <summary>What was taken has been written.</summary>
    public void Wrote()
    {
        if (_inFlight == 0)
            return; // disposed of meanwhile
        At(_writing).Written += _inFlight;
        Written += _inFlight;
        _inFlight = 0;
        if (!_isKeeping)
            Release(Written);
    }

    /// <summary>Lets go of what was kept up to a place, as far as it has been written.</summary>
    public void Release(long place)
    {
        place = Math.Min(place, Written);
        while (Released < place)
        {
            ref var block = ref At(0);
            int length = (int)Math.Min(place - Released, block.Filled - _firstAt);
            _firstAt += length;
            Released += length;
            if (_firstAt == block.Filled)
                RemoveFirst();
        }
    }

    /// <summary>A copy of all that is in memory, whole frames where <see cref="Release"/> was given the ends of frames.</summary>
    public byte[] CopyHeld()
    {
        var copy = new byte[Held];
        int length = 0;
        for (int i = 0; i < _count; i++)
        {
            var bytes = At(i).Bytes.AsSpan(0, At(i).Filled)[(i == 0 ? _firstAt : 0)..];
            bytes.CopyTo(copy.AsSpan(length));
            length += bytes.Length;
        }

        return copy;
    }

    /// <summary>Forgets all. A block that is being written is left to its writer.</summary>
    public void Dispose()
    {
        for (int i = 0; i < _count; i++)
        {
            if (_inFlight == 0 || i != _writing)
                Return(At(i).Bytes);
            At(i) = default;
        }

        _first = _count = _firstAt = _writing = _inFlight = 0;
        Released = Written = Added;
    }

    private ref Block At(int index) => ref _blocks[(_first + index) & (_blocks.Length - 1)];

    // The last block where there is room in it, else a new one: the larger, the more waits.
    private ref Block Reserve(int length)
    {
        if (_count > 0)
        {
            ref var last = ref At(_count - 1);
            if (last.Bytes.Length - last.Filled >= length)
                return ref last;
        }

        if (_count == _blocks.Length)
            Grow();
        ref var next = ref At(_count++);
        int wanted = Math.Max(length, Math.Clamp(Pending, Smallest, Largest));
        next = new Block { Bytes = Rent(wanted) };
        return ref next;
    }

    private void Grow()
    {
        var larger = new Block[Math.Max(2, 2 * _blocks.Length)];
        for (int i = 0; i < _count; i++)
            larger[i] = At(i);
        (_blocks, _first) = (larger, 0);
    }

    private void RemoveFirst()
    {
        Return(At(0).Bytes);
        At(0) = default;
        _first = (_first + 1) & (_blocks.Length - 1);
        _count--;
        _firstAt = 0;
        _writing = Math.Max(0, _writing - 1);
    }

    private static byte[] Rent(int length) => length <= Smallest ? SmallBlocks.Rent() : ArrayPool<byte>.Shared.Rent(length);

    private static void Return(byte[] bytes)
    {
        if (bytes.Length == Smallest)
            SmallBlocks.Return(bytes);
        else
            ArrayPool<byte>.Shared.Return(bytes);
    }

    private struct Block
    {
        public byte[] Bytes;
        public int Filled;
        public int Written;
    }
}
