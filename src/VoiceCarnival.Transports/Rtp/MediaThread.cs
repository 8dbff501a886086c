namespace VoiceCarnival.Transports.Rtp;

/// <summary>One of the clock's threads: a wheel of slots, 2 ms apart, each with the calls that it ticks, and the calls that something has come for.</summary>
internal sealed class MediaThread(MediaClock clock, string name)
{
    private const int Slots = 10;
    private static readonly TimeSpan SlotLength = MediaClock.Frame / Slots;
    private readonly object _gate = new();
    private readonly List<IMediaTask>[] _wheel = [.. Enumerable.Range(0, Slots).Select(_ => new List<IMediaTask>())];
    private readonly Queue<IMediaTask> _woken = new();
    private readonly List<IMediaTask> _running = [];
    private Thread? _thread;
    private long _turn;
    private bool _isWaiting;
    private bool _isStopped;

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

            Pulse();
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

    public void Wake(IMediaTask task)
    {
        lock (_gate)
        {
            _woken.Enqueue(task);
            Pulse();
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            Pulse();
        }
    }

    private void Pulse()
    {
        if (_isWaiting)
            Monitor.Pulse(_gate);
    }

    private void Run()
    {
        _turn = TurnAt(clock.Now);
        while (true)
        {
            // 1. The slots that are due. Who was held up makes one round, not all that were missed: each call knows how many frames it owes.
            long due = TurnAt(clock.Now);
            _turn = Math.Max(_turn, due - Slots);
            while (_turn < due)
                Tick(_turn++);

            // 2. What has come for one call; then frames may be due again. When there is too much to do, ears suffer last.
            IMediaTask? woken;
            lock (_gate)
            {
                if (_isStopped)
                    return;
                woken = _woken.Count > 0 ? _woken.Dequeue() : null;
            }

            woken?.Work(clock.Now);

            // 3. Sleep until the next.
            lock (_gate)
            {
                if (_woken.Count == 0 && !_isStopped)
                    Sleep();
            }
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

    private void Sleep()
    {
        _isWaiting = true;
        if (Count == 0)
        {
            Monitor.Wait(_gate);
            _turn = TurnAt(clock.Now);
        }
        else
        {
            long next = _turn;
            while (_wheel[next % Slots].Count == 0)
                next++;
            // Slot number n is due at the end of its turn.
            double wait = ((next + 1) * SlotLength - clock.Now).TotalMilliseconds;
            if (wait > 0)
                Monitor.Wait(_gate, (int)Math.Ceiling(wait));
        }

        _isWaiting = false;
    }

    private static long TurnAt(TimeSpan now) => now.Ticks / SlotLength.Ticks;
}
