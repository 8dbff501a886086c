using System.Collections.Concurrent;

namespace VoiceCarnival.Sessions;

/// <summary>How many are inside, by key. Never more than asked for, whoever comes at the same time.</summary>
internal sealed class Occupancy<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, int> _inside = new();

    /// <summary>Takes a place. A refused one takes none.</summary>
    public bool TryEnter(TKey key, int most)
    {
        if (_inside.AddOrUpdate(key, 1, static (_, n) => n + 1) <= most)
            return true;
        Leave(key);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(TKey key)
    {
        int left = _inside.AddOrUpdate(key, 0, static (_, n) => n - 1);
        if (left <= 0)
            _inside.TryRemove(KeyValuePair.Create(key, left));
    }
}
