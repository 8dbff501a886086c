using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>Items that the relay itself deletes and creates anew upstream: the caller asked for a truncation and must not see how it is done.</summary>
internal sealed class QuietItems
{
    private readonly Dictionary<string, int> _expected = new(StringComparer.Ordinal);

    /// <summary>So many events about an item are ours.</summary>
    public void Expect(string itemId, int events) => _expected[itemId] = _expected.GetValueOrDefault(itemId) + events;

    /// <summary>True when the event is the answer to something of ours.</summary>
    public bool Swallows(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (_expected.Count == 0 || type is not (ServerEventTypes.ItemDeleted or ServerEventTypes.ItemAdded or ServerEventTypes.ItemDone))
            return false;
        var e = EventJson.Parse(utf8Json);
        string? id = (e?["item_id"] ?? e?["item"]?["id"]) is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        if (id is null || !_expected.TryGetValue(id, out int left))
            return false;
        if (left <= 1)
            _expected.Remove(id);
        else
            _expected[id] = left - 1;
        return true;
    }
}
