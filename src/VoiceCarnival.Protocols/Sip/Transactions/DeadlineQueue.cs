namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>
/// Many deadlines that move: those that move away stay where they are and are looked at again when the old time comes, so moving costs nothing. What waits for nothing any more is let go at
/// once, however far away its time was: a call's session may expire in half an hour.
/// </summary>
internal sealed class DeadlineQueue<T>
    where T : class, IHasDeadline
{
    private const int FewLeft = 64;
    private PriorityQueue<QueuedDeadline, TimeSpan> _queue = new();
    private int _left;

    /// <summary>When to look again; may be too early.</summary>
    public TimeSpan? Next
    {
        get
        {
            while (_queue.TryPeek(out var first, out var at))
            {
                if (first.Element is not null)
                    return at;
                _queue.Dequeue();
                _left--;
            }

            return null;
        }
    }

    /// <summary>Entries that are kept, those included whose elements have left.</summary>
    public int Count => _queue.Count;

    /// <summary>Something about an element's deadline may have changed.</summary>
    public void Update(T element)
    {
        if (element.NextDeadline is not { } at)
        {
            Remove(element);
        }
        else if (element.Queued is null || at < element.Queued.At)
        {
            Remove(element);
            element.Queued = new QueuedDeadline(element, at);
            _queue.Enqueue(element.Queued, at);
        }
    }

    /// <summary>Lets an element go.</summary>
    public void Remove(T element)
    {
        if (element.Queued is null)
            return;
        element.Queued.Element = null;
        element.Queued = null;
        if (++_left <= FewLeft || _left <= _queue.Count / 2)
            return;
        _queue = new(_queue.UnorderedItems.Where(static item => item.Element.Element is not null));
        _left = 0;
    }

    /// <summary>Takes an element that is due.</summary>
    public bool TryTake(TimeSpan now, out T element)
    {
        while (Next <= now)
        {
            element = (T)_queue.Dequeue().Element!;
            element.Queued = null;
            if (element.NextDeadline is { } due && due <= now)
                return true;
            Update(element);
        }

        element = null!;
        return false;
    }
}
