namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// A few threads for DTLS handshakes, which wait for the network where no other code here does. They come when there is something to do and go when there is not; what
/// finds all of them busy waits its turn. Thread-safe.
/// </summary>
/// <param name="most">Threads at a time.</param>
internal sealed class HandshakeThreads(int most)
{
    private const int StackBytes = 512 * 1024;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private readonly object _gate = new();
    private readonly Queue<Action> _waiting = new();
    private int _threads;
    private int _idle;

    /// <summary>Threads that there are now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _threads;
        }
    }

    /// <summary>Runs something as soon as a thread is free. It must not throw.</summary>
    public void Run(Action work)
    {
        lock (_gate)
        {
            _waiting.Enqueue(work);
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_gate);
                return;
            }

            if (_threads >= most)
                return;
            _threads++;
        }

        try
        {
            new Thread(Loop, StackBytes) { IsBackground = true, Name = "dtls handshake" }.Start();
        }
        catch (OutOfMemoryException)
        {
            // The system has none to give. What waits is taken up by those that there are, or with the next.
            lock (_gate)
                _threads--;
        }
    }

    private void Loop()
    {
        while (Next() is { } work)
            work();
    }

    private Action? Next()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                _idle++;
                Monitor.Wait(_gate, Idle);
                _idle--;
            }

            if (_waiting.TryDequeue(out var work))
                return work;
            _threads--;
            return null;
        }
    }
}
