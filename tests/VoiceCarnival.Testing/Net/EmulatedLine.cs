namespace VoiceCarnival.Testing.Net;

/// <summary>
/// A bad line between two sides, in virtual time: datagrams are lost, late, overtaken and doubled, by a seed. The same seed gives the same fate to the same
/// datagrams. Not thread-safe.
/// </summary>
public sealed class EmulatedLine(int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(int To, byte[] Datagram), (TimeSpan At, long Order)> _onTheWay = new();
    private readonly TimeSpan[] _freeAt = new TimeSpan[2];
    private long _order;

    /// <summary>Share of datagrams that are lost, 0 to 1, each way.</summary>
    public double Loss { get; set; }

    /// <summary>Share of datagrams that arrive twice.</summary>
    public double Duplication { get; set; }

    /// <summary>Time that every datagram takes.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Up to so much more, drawn for each: datagrams closer together than that may be overtaken.</summary>
    public TimeSpan Jitter { get; set; }

    /// <summary>Bytes a second that fit through, each way; 0 for no limit. What comes faster waits.</summary>
    public double Rate { get; set; }

    /// <summary>Bytes that may wait; what comes on top is dropped.</summary>
    public int Queue { get; set; } = 64 * 1024;

    /// <summary>Nothing passes while set.</summary>
    public bool IsCut { get; set; }

    /// <summary>Datagrams that were sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Those of them that found the queue full.</summary>
    public int Dropped { get; private set; }

    /// <summary>When the next datagram arrives; null when there is none.</summary>
    public TimeSpan? NextArrival => _onTheWay.TryPeek(out _, out var key) ? key.At : null;

    /// <summary>Sends a datagram to side 0 or 1.</summary>
    public void Send(int to, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        Sent++;
        if (_random.NextDouble() < Loss || IsCut)
            return;
        var leaves = now;
        if (Rate > 0)
        {
            leaves = _freeAt[to] > now ? _freeAt[to] : now;
            if ((leaves - now).TotalSeconds * Rate + datagram.Length > Queue)
            {
                Dropped++;
                return;
            }

            leaves = _freeAt[to] = leaves + TimeSpan.FromSeconds(datagram.Length / Rate);
        }

        int copies = _random.NextDouble() < Duplication ? 2 : 1;
        for (int i = 0; i < copies; i++)
            _onTheWay.Enqueue((to, datagram.ToArray()), (leaves + Delay + Jitter * _random.NextDouble(), _order++));
    }

    /// <summary>Takes a datagram that has arrived.</summary>
    public bool TryReceive(TimeSpan now, out int to, out byte[] datagram)
    {
        (to, datagram) = (0, []);
        if (!(NextArrival <= now))
            return false;
        (to, datagram) = _onTheWay.Dequeue();
        return true;
    }
}
