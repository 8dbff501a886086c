using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>One response's events: items inside it, parts inside them.</summary>
internal sealed class ResponseFlow(string id, bool isOutOfBand, Action<string> report)
{
    private readonly Dictionary<int, OutputItemFlow> _items = [];

    public string Id => id;

    public bool IsOutOfBand => isOutOfBand;

    public bool IsDone { get; private set; }

    public IEnumerable<string> ItemIds => _items.Values.Select(item => item.Id);

    public void Take(string type, JsonElement json)
    {
        switch (type)
        {
            case "response.done":
                End(json.GetProperty("response"));
                break;
            case "response.output_item.added":
                AddItem(json);
                break;
            case "response.output_item.done":
                FindItem(json, EventFlowChecker.Text(ItemOf(json), "id"))?.End(ItemOf(json));
                break;
            default:
                if (type.Contains("mcp_call.", StringComparison.Ordinal) || json.TryGetProperty("item_id", out _))
                {
                    FindItem(json, EventFlowChecker.Text(json, "item_id"))?.Take(type, json);
                }

                break;
        }
    }

    private static JsonElement ItemOf(JsonElement json) => json.TryGetProperty("item", out var item) ? item : default;

    private static int? Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;

    private void AddItem(JsonElement json)
    {
        if (EventFlowChecker.Text(ItemOf(json), "id") is not { } itemId || Number(json, "output_index") is not { } index)
        {
            report("has no item id or output_index");
            return;
        }

        if (ItemIds.Contains(itemId, StringComparer.Ordinal))
        {
            report($"{itemId} was added before");
        }
        else if (index != _items.Count)
        {
            report($"{itemId} has output_index {index}, but {_items.Count} is next");
        }

        _items[index] = new OutputItemFlow(itemId, report);
    }

    private OutputItemFlow? FindItem(JsonElement json, string? itemId)
    {
        var item = _items.Values.FirstOrDefault(item => item.Id == itemId);
        if (item is null)
        {
            report($"{itemId ?? "an item without id"} has no response.output_item.added");
            return null;
        }

        if (Number(json, "output_index") is { } index && (!_items.TryGetValue(index, out var there) || there != item))
        {
            report($"{itemId} has output_index {index}, but was added at another");
        }

        if (item.IsDone)
        {
            report($"comes after the response.output_item.done of {itemId}");
            return null;
        }

        return item;
    }

    private void End(JsonElement response)
    {
        IsDone = true;
        if (EventFlowChecker.Text(response, "status") is null or "in_progress")
        {
            report($"{id} is done, but its status is not final");
        }

        if (!response.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
        {
            report($"{id} is done without usage");
        }

        foreach (var item in _items.Values.Where(item => !item.IsDone))
        {
            report($"{id} is done, but {item.Id} has no response.output_item.done");
        }

        var output = response.TryGetProperty("output", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(item => EventFlowChecker.Text(item, "id") ?? "?").ToList()
            : [];
        var expected = _items.OrderBy(item => item.Key).Select(item => item.Value.Id).ToList();
        if (!output.SequenceEqual(expected))
        {
            report($"{id} ends with the items [{string.Join(", ", output)}], but [{string.Join(", ", expected)}] were added");
        }
    }
}
