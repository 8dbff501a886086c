using VoiceCarnival.Audio;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// One of the clock's threads that send: a wheel of slots, 2 ms apart, each with the calls that it ticks. It does nothing else and rests most of the time, so that systems that
/// share processors fairly let it run as soon as frames are due; it asks for little at a time for the same reason.
/// </summary>
internal sealed class MediaThread(MediaClock clock, string name)
{
    private const int Slots = 10;
    private static readonly TimeSpan SlotLength = MediaClock.Frame / Slots;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(0.4); // a few frames
    private readonly object _gate = new();
    private readonly List<IMediaTask>[] _wheel = [.. Enumerable.Range(0, Slots).Select(_ => new List<IMediaTask>())];
    private readonly List<IMediaTask> _running = [];
    private Thread? _thread;
    private long _turn;
    private volatile bool _isStopped;

    /// <summary>Calls that belong to it.</summary>
    public int Count { get; private set; }

    public void Add(IMediaTask task)
    {
        lock (_gate)
        {
            Count++;
            _wheel.MinBy(slot => slot.Count)!.Add(task);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = name, Priority = ThreadPriority.AboveNormal };
                _thread.Start();
            }

            Monitor.Pulse(_gate);
        }
    }

    public void Remove(IMediaTask task)
    {
        lock (_gate)
        {
            foreach (var slot in _wheel)
            {
                if (slot.Remove(task))
                    Count--;
            }
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Run()
    {
        ThreadSlice.Ask(Slice);
        _turn = TurnAt(clock.Now);
        while (!_isStopped)
        {
            // The slots that are due. Who was held up makes one round, not all that were missed: each call knows how many frames it owes.
            long due = TurnAt(clock.Now);
            _turn = Math.Max(_turn, due - Slots);
            while (_turn < due)
                Tick(_turn++);
            FineSleep.For(WaitForNext() - clock.Now);
        }
    }

    private void Tick(long turn)
    {
        lock (_gate)
            _running.AddRange(_wheel[turn % Slots]);
        foreach (var task in _running)
            task.Tick((turn + 1) * SlotLength, clock.Now);
        _running.Clear();
    }

    // When the next slot with calls in it is due. Without any call this waits for one; one that is added while it sleeps is found within a round.
    private TimeSpan WaitForNext()
    {
        lock (_gate)
        {
            while (Count == 0 && !_isStopped)
            {
                Monitor.Wait(_gate);
                _turn = TurnAt(clock.Now);
            }

            long next = _turn;
            while (next < _turn + Slots && _wheel[next % Slots].Count == 0)
                next++;
            // Slot number n is due at the end of its turn.
            return (next + 1) * SlotLength;
        }
    }

    private static long TurnAt(TimeSpan now) => now.Ticks / SlotLength.Ticks;
}
