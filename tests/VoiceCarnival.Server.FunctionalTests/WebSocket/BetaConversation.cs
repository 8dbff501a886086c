using System.Text.Json;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Server.FunctionalTests.WebSocket;

/// <summary>
/// What OpenAI's reference client of the beta (openai-realtime-api-beta) made of the events: which it looked up, in what order, and where it gave up. An event
/// that it could not place fails the test, as it threw there.
/// </summary>
internal sealed class BetaConversation
{
    private readonly Dictionary<string, BetaItem> _items = new(StringComparer.Ordinal);
    private readonly HashSet<string> _responses = new(StringComparer.Ordinal);

    public BetaItem this[string id] => _items.TryGetValue(id, out var item) ? item : throw new InvalidOperationException($"Item \"{id}\" not found");

    public IReadOnlyCollection<BetaItem> Items => _items.Values;

    public static BetaConversation Of(IEnumerable<ReceivedEvent> events)
    {
        var conversation = new BetaConversation();
        foreach (var e in events)
            conversation.Process(e.Text("type")!, e.Json);
        return conversation;
    }

    private void Process(string type, JsonElement e)
    {
        switch (type)
        {
            case "conversation.item.created":
                var item = e.GetProperty("item");
                _items[item.GetProperty("id").GetString()!] = new BetaItem(item);
                break;
            case "conversation.item.truncated" or "conversation.item.deleted":
                _ = this[Text(e, "item_id")];
                break;
            case "response.created":
                Assert.Equal(JsonValueKind.Array, e.GetProperty("response").GetProperty("output").ValueKind);
                _responses.Add(e.GetProperty("response").GetProperty("id").GetString()!);
                break;
            case "response.output_item.added":
                Assert.Contains(Text(e, "response_id"), _responses);
                break;
            case "response.output_item.done":
                this[e.GetProperty("item").GetProperty("id").GetString()!].Done = e.GetProperty("item");
                break;
            case "response.content_part.added":
                this[Text(e, "item_id")].Parts.Add(e.GetProperty("part").GetProperty("type").GetString()!);
                break;
            case "response.audio_transcript.delta":
                Part(e, "audio").Transcript += Text(e, "delta");
                break;
            case "response.audio.delta":
                Part(e, "audio").Audio.AddRange(Convert.FromBase64String(Text(e, "delta")));
                break;
            case "response.text.delta":
                Part(e, "text").Text += Text(e, "delta");
                break;
            case "response.function_call_arguments.delta":
                this[Text(e, "item_id")].Arguments += Text(e, "delta");
                break;
        }
    }

    private BetaItem Part(JsonElement e, string type)
    {
        var item = this[Text(e, "item_id")];
        Assert.Equal(type, item.Parts[e.GetProperty("content_index").GetInt32()]);
        return item;
    }

    private static string Text(JsonElement e, string name) => e.GetProperty(name).GetString()!;

    internal sealed class BetaItem(JsonElement created)
    {
        public string Type { get; } = created.GetProperty("type").GetString()!;

        public string? Role { get; } = created.TryGetProperty("role", out var role) ? role.GetString() : null;

        public List<string> Parts { get; } = created.TryGetProperty("content", out var content) ? [.. content.EnumerateArray().Select(p => p.GetProperty("type").GetString()!)] : [];

        public List<byte> Audio { get; } = [];

        public string Transcript { get; set; } = "";

        public string Text { get; set; } = "";

        public string Arguments { get; set; } = "";

        public JsonElement Done { get; set; }
    }
}
