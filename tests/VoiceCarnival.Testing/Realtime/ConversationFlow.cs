using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The default conversation: every item is added once, then done once.</summary>
internal sealed class ConversationFlow(Action<string> report)
{
    private readonly Dictionary<string, bool> _done = new(StringComparer.Ordinal);

    /// <summary>The recording begins with the session, so that every item a later one follows must be in it.</summary>
    public bool FromTheStart { get; set; }

    public bool Knows(string itemId) => _done.ContainsKey(itemId);

    public void Take(string type, JsonElement json)
    {
        string? itemId = EventFlowChecker.Text(json, "item_id")
            ?? (json.TryGetProperty("item", out var item) ? EventFlowChecker.Text(item, "id") : null);
        if (itemId is null)
        {
            report("names no item");
            return;
        }

        switch (type)
        {
            case "conversation.item.added":
                if (!_done.TryAdd(itemId, false))
                {
                    report($"{itemId} was added before");
                }

                CheckPrevious(json, itemId);
                break;
            case "conversation.item.done":
                if (!_done.TryGetValue(itemId, out bool done))
                {
                    report($"{itemId} was never added");
                }
                else if (done)
                {
                    report($"{itemId} is done twice");
                }

                _done[itemId] = true;
                break;
        }
    }

    public void End()
    {
        foreach (var item in _done.Where(item => !item.Value))
        {
            report($"{item.Key} has no conversation.item.done");
        }
    }

    private void CheckPrevious(JsonElement json, string itemId)
    {
        if (FromTheStart
            && EventFlowChecker.Text(json, "previous_item_id") is { } previous
            && (previous == itemId || !_done.ContainsKey(previous)))
        {
            report($"{itemId} follows {previous}, which was never added");
        }
    }
}
