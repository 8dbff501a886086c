using System.Text.Json.Nodes;
using VoiceCarnival.Engines.OpenAIRealtime.Mirror;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>
/// A truncation of something that was spoken before the present upstream came. That one has it as text, which it would not truncate: it gets the shorter
/// text in its place, and the caller the answer that it expects.
/// </summary>
/// <param name="Commands">For the upstream, in order; its answers are not for the caller.</param>
/// <param name="Answer"><c>conversation.item.truncated</c>, for the caller.</param>
internal sealed record ReplayedTruncation(IReadOnlyList<byte[]> Commands, JsonObject Answer)
{
    /// <summary>Shortens the item in the mirror.</summary>
    /// <param name="utf8Json">The caller's <c>conversation.item.truncate</c>.</param>
    /// <param name="mirror">The conversation.</param>
    /// <param name="audio">What was played of it.</param>
    /// <param name="quiet">Expects the answers.</param>
    /// <returns>Null when the upstream can truncate it itself.</returns>
    public static ReplayedTruncation? TryTake(ReadOnlySpan<byte> utf8Json, ConversationMirror mirror, RelayedAudio audio, QuietItems quiet)
    {
        if (EventJson.Parse(utf8Json) is not { } e || e["item_id"] is not JsonValue value || !value.TryGetValue(out string? itemId)
            || mirror.Find(itemId) is not { IsReplayed: true } item || e["audio_end_ms"] is not JsonValue end || !end.TryGetValue(out double milliseconds))
        {
            return null;
        }

        item.CutTo(audio.Milliseconds(itemId) is { } length and > 0 ? milliseconds / length : 1);
        // What only a server makes was not told to this upstream, so nothing can follow upon it there.
        var before = mirror.Items.TakeWhile(other => other != item).Reverse().FirstOrDefault(static other => other.ForReplay(null) is not null);
        var commands = new List<byte[]> { EventJson.Bytes(new JsonObject { ["type"] = ClientEventTypes.ItemDelete, ["item_id"] = itemId }) };
        quiet.Expect(itemId, 1);
        if (item.ForReplay(null) is { } shorter)
        {
            quiet.Expect(itemId, 2);
            commands.Add(EventJson.Bytes(new JsonObject
            {
                ["type"] = ClientEventTypes.ItemCreate,
                ["previous_item_id"] = before?.Id ?? "root",
                ["item"] = shorter,
            }));
        }

        return new ReplayedTruncation(commands, new JsonObject
        {
            ["item_id"] = itemId,
            ["content_index"] = e["content_index"]?.DeepClone() ?? 0,
            ["audio_end_ms"] = end.DeepClone(),
        });
    }
}
