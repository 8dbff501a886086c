using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The input buffer: a spoken item keeps its id from the first sound to its transcription.</summary>
internal sealed class InputFlow(Action<string> report)
{
    private readonly HashSet<string> _committed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StringBuilder> _transcripts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _transcribed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _live = new(StringComparer.Ordinal);
    private string? _speaking;
    private string? _pending;

    public void TakeBuffer(string type, JsonElement json)
    {
        string? itemId = EventFlowChecker.Text(json, "item_id");
        switch (type)
        {
            case "input_audio_buffer.speech_started":
                if (_speaking is not null)
                {
                    report($"speech starts in {itemId} while it has not stopped in {_speaking}");
                }

                _speaking = _pending = itemId;
                break;
            case "input_audio_buffer.speech_stopped":
                if (_speaking != itemId)
                {
                    report($"speech stops in {itemId}, but it started in {_speaking ?? "none"}");
                }

                _speaking = null;
                break;
            case "input_audio_buffer.committed":
                if (_pending is not null && _pending != itemId)
                {
                    report($"{itemId} is committed, but speech was in {_pending}");
                }

                if (itemId is null || !_committed.Add(itemId))
                {
                    report($"{itemId} is committed twice");
                }

                _pending = null;
                break;
            case "input_audio_buffer.cleared":
                _speaking = _pending = null;
                break;
        }
    }

    public void TakeTranscription(string type, JsonElement json, ConversationFlow conversation)
    {
        string itemId = EventFlowChecker.Text(json, "item_id") ?? "?";
        if (!_committed.Contains(itemId) && !conversation.Knows(itemId))
        {
            // Streaming transcription runs while the audio comes, so the item may only be announced by speech_started.
            if (itemId != _pending)
            {
                report($"{itemId} was never heard of");
            }
        }

        int index = json.TryGetProperty("content_index", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : 0;
        string key = string.Create(CultureInfo.InvariantCulture, $"{itemId}#{index}");
        if (type.EndsWith(".delta", StringComparison.Ordinal))
        {
            if (_transcribed.Contains(key))
            {
                report($"{itemId} has a delta after its transcription ended");
            }

            if (!_transcripts.TryGetValue(key, out var deltas))
            {
                _transcripts.Add(key, deltas = new StringBuilder());
            }

            deltas.Append(EventFlowChecker.Text(json, "delta"));
            if (!_committed.Contains(itemId))
            {
                _live.Add(key);
            }
        }
        else if (type.EndsWith(".completed", StringComparison.Ordinal) || type.EndsWith(".failed", StringComparison.Ordinal))
        {
            if (!_transcribed.Add(key))
            {
                report($"{itemId} is transcribed twice");
            }

            // A transcriber need not send deltas; when it does, they are the transcript, unless some came before it had heard the end.
            if (!_live.Contains(key) && EventFlowChecker.Text(json, "transcript") is { } transcript
                && _transcripts.TryGetValue(key, out var deltas)
                && deltas.ToString() != transcript)
            {
                report($"{itemId} transcript is '{transcript}', but the deltas gave '{deltas}'");
            }
        }
    }

    public void End(ConversationFlow conversation)
    {
        foreach (string itemId in _committed.Where(itemId => !conversation.Knows(itemId)))
        {
            report($"{itemId} was committed, but has no conversation.item.added");
        }
    }
}
