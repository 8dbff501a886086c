namespace VoiceCarnival.Sockets;

/// <summary>
/// A thread that waits for many sockets at once and does, on itself, what follows when one is ready. A voice frame needs microseconds of work: handed
/// from thread to thread, or looked for with a system call that finds nothing, it costs a multiple of that. In return nothing that goes on from a read or
/// write may block.
/// </summary>
/// <remarks>One loop per processor, for the life of the process; a connection that is opened while another is served stays on that one's thread.</remarks>
internal sealed class SocketLoop
{
    private const int MostEvents = 256;

    // More than a frame that comes alone ever needs. A turn of the loop between costs a system call, which is little beside so many receives.
    private const int MostReads = 8;

    [ThreadStatic]
    private static SocketLoop? _current;

    private static readonly LoopSet All = new(Environment.ProcessorCount, () => new SocketLoop());
    private readonly Lock _gate = new();
    private readonly int _epoll = Epoll.Create();
    private readonly Stack<int> _free = new();
    private List<LoopStream> _again = []; // of the loop's thread, as are the two that follow
    private List<LoopStream> _served = [];
    private int _reads;
    private Slot[] _slots = new Slot[64];
    private int _used;

    internal SocketLoop() => new Thread(Run) { IsBackground = true, Name = "Socket loop" }.UnsafeStart();

    /// <summary>The loop for another connection.</summary>
    public static SocketLoop Choose() => _current ?? All.Next();

    /// <summary>
    /// Asked before a connection reads what is there already. A peer that sends faster than its frames are handled has always something to read: whoever
    /// serves it would never come back, and all other connections of the loop would wait.
    /// </summary>
    /// <returns>False when this thread has others to serve first: it serves the connection again, with <see cref="LoopStream.OnAgain"/>, after them.</returns>
    public static bool MayRead(LoopStream stream)
    {
        if (_current is not { } loop || loop._reads++ < MostReads)
            return true;
        loop._again.Add(stream);
        return false;
    }

    /// <summary>Begins to tell a connection what happens to its socket.</summary>
    /// <returns>What <see cref="Remove"/> wants to know.</returns>
    public long Add(LoopStream stream, int socket)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out int index))
                index = _used++;
            if (index == _slots.Length)
            {
                var larger = new Slot[_slots.Length * 2];
                _slots.CopyTo(larger, 0);
                Volatile.Write(ref _slots, larger);
            }

            uint use = _slots[index]?.Use + 1 ?? 0;
            Volatile.Write(ref _slots[index], new Slot(use, stream));
            long place = ((long)use << 32) | (uint)index;
            try
            {
                Epoll.Register(_epoll, socket, Epoll.In | Epoll.Out | Epoll.PeerClosed | Epoll.OnChange, place);
            }
            catch
            {
                Free(index);
                throw;
            }

            return place;
        }
    }

    /// <summary>Nothing is told any more, except what is being told now.</summary>
    public void Remove(long place, int socket)
    {
        Epoll.Forget(_epoll, socket);
        lock (_gate)
            Free((int)place);
    }

    private void Free(int index)
    {
        _slots[index] = new Slot(_slots[index].Use, null);
        _free.Push(index);
    }

    private void Run()
    {
        _current = this;
        var events = new byte[MostEvents * Epoll.EventSize];
        while (true)
        {
            int count = Epoll.Wait(_epoll, events, isPatient: _again.Count == 0);
            for (int i = 0; i < count; i++)
            {
                var (happened, place) = Epoll.EventAt(events, i);
                // Of another use of the place: an event for a connection that is gone.
                if (Volatile.Read(ref Volatile.Read(ref _slots)[(int)place]) is { Stream: { } stream } slot && slot.Use == (uint)(place >> 32))
                {
                    _reads = 0;
                    stream.OnReady(happened);
                }
            }

            ServeAgain();
        }
    }

    private void ServeAgain()
    {
        // What comes up for it meanwhile waits for the next turn.
        (_again, _served) = (_served, _again);
        foreach (var stream in _served)
        {
            _reads = 0;
            stream.OnAgain();
        }

        _served.Clear();
    }

    private sealed record Slot(uint Use, LoopStream? Stream);
}
