namespace VoiceCarnival.Transports.WebRtc.Channel;

/// <summary>Events that went out to a caller who can come back, until it has acknowledged them: on a line that broke they may not have arrived. Not thread-safe.</summary>
internal sealed class UnprovenEvents
{
    private readonly Queue<(WrittenEvent Event, long End)> _events = new();
    private long _sent;

    /// <summary>Keeps from now on.</summary>
    public bool IsKeeping { get; set; }

    /// <summary>An event goes out.</summary>
    public void Add(in WrittenEvent sent)
    {
        _sent += sent.Utf8Json.Length;
        if (IsKeeping)
            _events.Enqueue((sent, _sent));
    }

    /// <summary>All has been acknowledged but so many bytes.</summary>
    public void Acknowledged(int outstanding)
    {
        while (_events.TryPeek(out var first) && first.End <= _sent - outstanding)
            _events.Dequeue();
    }

    /// <summary>Takes all.</summary>
    public List<WrittenEvent> TakeAll()
    {
        List<WrittenEvent> all = [.. _events.Select(kept => kept.Event)];
        _events.Clear();
        return all;
    }
}
