using System.Net;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Transports.WebRtc.Dtls;

/// <summary>
/// A few threads for DTLS handshakes, which wait for the network where no other code here does. They come when there is something to do and go when there is not; what
/// finds all of them busy waits its turn. One address has a quarter of them at most, so that who begins handshakes and never goes on with them is in his own way. Thread-safe.
/// </summary>
/// <param name="most">Threads at a time.</param>
internal sealed class HandshakeThreads(int most)
{
    private const int StackBytes = 512 * 1024;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);
    private readonly int _mostOfOne = Math.Max(1, most / 4);
    private readonly object _gate = new();
    private readonly LinkedList<(IPAddress Of, Action Work)> _waiting = new();
    private readonly Dictionary<IPAddress, int> _running = [];
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
    /// <param name="of">Whose handshake it is: <see cref="Sessions.CallerAddress.ForLimits"/>.</param>
    /// <param name="work">The handshake.</param>
    public void Run(IPAddress of, Action work)
    {
        lock (_gate)
        {
            _waiting.AddLast((of, work));
            if (!MayRun(of))
                return;
            // Those that were woken for others may not have come yet.
            if (_idle >= _waiting.Count(waiting => MayRun(waiting.Of)))
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

    private bool MayRun(IPAddress of) => _running.GetValueOrDefault(of) < _mostOfOne;

    private void Loop()
    {
        while (Next() is { } next)
        {
            next.Work();
            lock (_gate)
            {
                if (--CollectionsMarshal.GetValueRefOrAddDefault(_running, next.Of, out _) == 0)
                    _running.Remove(next.Of);
            }
        }
    }

    private (IPAddress Of, Action Work)? Next()
    {
        lock (_gate)
        {
            if (Take() is { } next)
                return next;
            _idle++;
            Monitor.Wait(_gate, Idle);
            _idle--;
            if (Take() is { } late)
                return late;
            _threads--;
            return null;
        }
    }

    private (IPAddress Of, Action Work)? Take()
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (!MayRun(node.Value.Of))
                continue;
            _waiting.Remove(node);
            CollectionsMarshal.GetValueRefOrAddDefault(_running, node.Value.Of, out _)++;
            return node.Value;
        }

        return null;
    }
}
