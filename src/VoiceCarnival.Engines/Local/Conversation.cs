using System.Runtime.InteropServices;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>The items of the default conversation, in order, within the bounds on their number and on the audio they keep.</summary>
internal sealed class Conversation(int maxItems, long maxAudioMilliseconds)
{
    // Characters of text, images and arguments that callers may put into one conversation.
    private const long MaxWeight = 24_000_000;
    private readonly List<ConversationItem> _items = [];
    private readonly Dictionary<string, (ConversationItem Item, long Weight)> _byId = new(StringComparer.Ordinal);
    private long _weight;

    public string Id { get; } = RealtimeIds.New("conv");

    /// <summary>Audio that is kept with the items, ms.</summary>
    public long MaxAudioMilliseconds => maxAudioMilliseconds;

    public IReadOnlyList<ConversationItem> Items => _items;

    public ConversationItem? Last => _items.Count == 0 ? null : _items[^1];

    public ConversationItem? Find(string id) => _byId.TryGetValue(id, out var entry) ? entry.Item : null;

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
        if (!_byId.Remove(id, out var entry))
            return false;
        _items.Remove(entry.Item);
        _weight -= entry.Weight;
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
        long weight = Weigh(item);
        _weight += weight;
        _byId[item.Id] = (item, weight);
        while (_items.Count > maxItems || (_weight > MaxWeight && _items.Count > 1))
        {
            // Never the item just added, nor the one that may be under way at the end.
            var oldest = _items[0] == item ? _items[1] : _items[0];
            Remove(oldest.Id);
        }

        TrimAudio();
    }

    private static long Weigh(ConversationItem item)
    {
        long characters = Length(item.Arguments) + Length(item.Output);
        if (item.Raw.ValueKind == JsonValueKind.Object)
            characters += JsonMarshal.GetRawUtf8Value(item.Raw).Length;
        foreach (var part in item.Content)
            characters += Length(part.Text) + Length(part.Transcript) + Length(part.ImageUrl);
        return characters;
    }

    private static int Length(string? text) => text?.Length ?? 0;
}
