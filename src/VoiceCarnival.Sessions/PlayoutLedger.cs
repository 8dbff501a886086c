namespace VoiceCarnival.Sessions;

/// <summary>
/// How much of each item the caller has heard, in samples by its own playout clock. Hand-overs and truncation continue from here. Keeps the newest
/// items only.
/// </summary>
public sealed class PlayoutLedger
{
    private const int Capacity = 64;
    private readonly Lock _gate = new();
    private readonly Queue<OutputAudioItem> _items = new();
    private OutputAudioItem? _newest;

    internal void Track(OutputAudioItem item)
    {
        if (ReferenceEquals(item, _newest))
            return;
        lock (_gate)
        {
            _newest = item;
            _items.Enqueue(item);
            if (_items.Count > Capacity)
                _items.Dequeue();
        }
    }

    /// <summary>Takes the caller's report. Reports only move forward and never past what was sent.</summary>
    public void Report(string itemId, int contentIndex, double playedMilliseconds)
    {
        lock (_gate)
        {
            foreach (var item in _items)
            {
                if (item.ItemId != itemId || item.ContentIndex != contentIndex)
                    continue;
                long samples = (long)(Math.Clamp(playedMilliseconds, 0, 86_400_000) * item.SampleRate / 1000);
                item.HeardSamples = Math.Max(item.HeardSamples, Math.Min(samples, item.SentSamples));
                return;
            }
        }
    }

    /// <summary>Samples heard of an item, or null when the item is not known here.</summary>
    public long? HeardSamples(string itemId)
    {
        lock (_gate)
        {
            foreach (var item in _items)
            {
                if (item.ItemId == itemId)
                    return item.HeardSamples;
            }
        }

        return null;
    }
}
