using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>The items of the default conversation, in order, within the bounds on their number and on the audio they keep.</summary>
internal sealed class Conversation(int maxItems, long maxAudioMilliseconds)
{
    private readonly List<ConversationItem> _items = [];
    private readonly Dictionary<string, ConversationItem> _byId = new(StringComparer.Ordinal);

    public string Id { get; } = RealtimeIds.New("conv");

    public IReadOnlyList<ConversationItem> Items => _items;

    public ConversationItem? Last => _items.Count == 0 ? null : _items[^1];

    public ConversationItem? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Adds an item at the end; returns the id of the one before it.</summary>
    public string? Append(ConversationItem item)
    {
        string? previous = Last?.Id;
        Insert(_items.Count, item);
        return previous;
    }

    /// <summary>Adds an item after another, or first for <c>root</c>.</summary>
    /// <returns>False when that other item does not exist.</returns>
    public bool TryInsertAfter(string previousId, ConversationItem item, out string? previous)
    {
        previous = null;
        int index = previousId == "root" ? 0 : _items.FindIndex(i => i.Id == previousId) + 1;
        if (index == 0 && previousId != "root")
            return false;
        previous = index == 0 ? null : _items[index - 1].Id;
        Insert(index, item);
        return true;
    }

    public bool Remove(string id)
    {
        if (!_byId.Remove(id, out var item))
            return false;
        _items.Remove(item);
        return true;
    }

    public bool HasCall(string callId) => _items.Exists(i => i.Type == "function_call" && i.CallId == callId);

    /// <summary>Drops the oldest items' audio until what is kept fits; call after adding or filling audio.</summary>
    public void TrimAudio()
    {
        long kept = 0;
        for (int i = _items.Count - 1; i >= 0; i--)
        {
            foreach (var part in _items[i].Content)
            {
                if (part.Audio.IsEmpty)
                    continue;
                kept += part.AudioMilliseconds;
                if (kept > maxAudioMilliseconds)
                    part.Audio = default;
            }
        }
    }

    private void Insert(int index, ConversationItem item)
    {
        _items.Insert(index, item);
        _byId[item.Id] = item;
        if (_items.Count > maxItems)
        {
            // Never the item just added, nor the one that may be under way at the end.
            var oldest = _items[0] == item ? _items[1] : _items[0];
            Remove(oldest.Id);
        }

        TrimAudio();
    }
}
