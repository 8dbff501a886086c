namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>
/// Many deadlines that move: those that move away stay where they are and are looked at again when the old time comes, so moving costs nothing.
/// </summary>
internal sealed class DeadlineQueue<T>
    where T : class, IHasDeadline
{
    private readonly PriorityQueue<T, TimeSpan> _queue = new();

    /// <summary>When to look again; may be too early.</summary>
    public TimeSpan? Next => _queue.TryPeek(out _, out var at) ? at : null;

    /// <summary>Something about an element's deadline may have changed.</summary>
    public void Update(T element)
    {
        if (element.NextDeadline is not { } at || at >= element.QueuedFor)
            return;
        element.QueuedFor = at;
        _queue.Enqueue(element, at);
    }

    /// <summary>Takes an element that is due.</summary>
    public bool TryTake(TimeSpan now, out T element)
    {
        while (_queue.TryPeek(out element!, out var at) && at <= now)
        {
            _queue.Dequeue();
            // An older entry of one that was queued again for an earlier time.
            if (at != element.QueuedFor)
                continue;
            element.QueuedFor = TimeSpan.MaxValue;
            if (element.NextDeadline is { } due && due <= now)
                return true;
            Update(element);
        }

        return false;
    }
}
