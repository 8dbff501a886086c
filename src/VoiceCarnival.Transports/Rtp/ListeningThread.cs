using VoiceCarnival.Audio;

namespace VoiceCarnival.Transports.Rtp;

/// <summary>
/// One of the clock's threads that work on what came for calls, one after another: decoding, and what an engine does with what it hears. It steps back for those that send, so that
/// with too much to do a server becomes deaf before it stutters.
/// </summary>
internal sealed class ListeningThread(MediaClock clock, string name)
{
    private const int Niceness = 3;
    private readonly object _gate = new();
    private readonly Queue<IMediaTask> _woken = new();
    private bool _hasStarted;
    private bool _isWaiting;
    private bool _isStopped;

    public void Wake(IMediaTask task)
    {
        lock (_gate)
        {
            _woken.Enqueue(task);
            if (!_hasStarted)
            {
                _hasStarted = true;
                new Thread(Run) { IsBackground = true, Name = name }.Start();
            }

            if (_isWaiting)
                Monitor.Pulse(_gate);
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
        ThreadNiceness.StepBack(Niceness);
        while (Next() is { } task)
            task.Work(clock.Now);
    }

    private IMediaTask? Next()
    {
        lock (_gate)
        {
            while (!_isStopped && _woken.Count == 0)
            {
                _isWaiting = true;
                Monitor.Wait(_gate);
                _isWaiting = false;
            }

            return _isStopped ? null : _woken.Dequeue();
        }
    }
}
