using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>One output item's events: content parts or arguments, deltas before done, and the same text everywhere.</summary>
internal sealed class OutputItemFlow(string id, Action<string> report)
{
    /// <summary>Streams by their event's stem: which field of the done event repeats the text.</summary>
    private static readonly Dictionary<string, string?> DoneFields = new(StringComparer.Ordinal)
    {
        ["response.output_text"] = "text",
        ["response.output_audio"] = null,
        ["response.output_audio_transcript"] = "transcript",
        ["response.function_call_arguments"] = "arguments",
        ["response.mcp_call_arguments"] = "arguments",
    };

    private readonly Dictionary<string, DeltaStream> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<int, bool> _parts = [];

    public string Id => id;

    public bool IsDone { get; private set; }

    public void Take(string type, JsonElement json)
    {
        int? contentIndex = json.TryGetProperty("content_index", out var index) && index.ValueKind == JsonValueKind.Number ? index.GetInt32() : null;
        switch (type)
        {
            case "response.content_part.added":
                if (contentIndex is not { } added || !_parts.TryAdd(added, false))
                {
                    report($"{id} content part {contentIndex} was added before");
                }

                return;
            case "response.content_part.done":
                EndPart(contentIndex, json.TryGetProperty("part", out var part) ? part : default);
                return;
        }

        int dot = type.LastIndexOf('.');
        string stem = type[..dot];
        if (!DoneFields.TryGetValue(stem, out string? doneField))
        {
            return;
        }

        if (contentIndex is { } inside && !IsOpen(inside))
        {
            return;
        }

        var stream = StreamOf(stem, contentIndex);
        if (stream.IsDone)
        {
            report($"{id} {type} after its own done");
        }
        else if (type.EndsWith(".delta", StringComparison.Ordinal))
        {
            stream.Text.Append(EventFlowChecker.Text(json, "delta"));
        }
        else if (type.EndsWith(".done", StringComparison.Ordinal))
        {
            stream.IsDone = true;
            Compare(doneField is null ? null : EventFlowChecker.Text(json, doneField), stream, type);
        }
    }

    public void End(JsonElement item)
    {
        IsDone = true;
        foreach (var part in _parts.Where(part => !part.Value))
        {
            report($"{id} is done, but its content part {part.Key} is not");
        }

        foreach (var stream in _streams.Where(stream => !stream.Value.IsDone))
        {
            report($"{id} is done, but its {stream.Key} is not");
        }

        if (EventFlowChecker.Text(item, "arguments") is { } arguments)
        {
            string stem = EventFlowChecker.Text(item, "type") == "mcp_call" ? "response.mcp_call_arguments" : "response.function_call_arguments";
            Compare(arguments, _streams.GetValueOrDefault(stem), "item.arguments");
        }

        if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (var part in content.EnumerateArray())
            {
                ComparePart(part, index++, "item.content");
            }

            if (index != _parts.Count)
            {
                report($"{id} ends with {index} content parts, but {_parts.Count} were added");
            }
        }
    }

    private void EndPart(int? contentIndex, JsonElement part)
    {
        if (contentIndex is not { } index || !IsOpen(index))
        {
            return;
        }

        _parts[index] = true;
        string suffix = index.ToString(CultureInfo.InvariantCulture);
        foreach (var stream in _streams.Where(stream => !stream.Value.IsDone && stream.Key.EndsWith($"#{suffix}", StringComparison.Ordinal)))
        {
            report($"{id} content part {index} is done, but its {stream.Key} is not");
        }

        ComparePart(part, index, "part");
    }

    private bool IsOpen(int contentIndex)
    {
        bool known = _parts.TryGetValue(contentIndex, out bool done);
        if (!known || done)
        {
            report($"{id} content part {contentIndex} {(known ? "is done already" : "has no response.content_part.added")}");
        }

        return known && !done;
    }

    private void ComparePart(JsonElement part, int index, string what)
    {
        Compare(EventFlowChecker.Text(part, "text"), Find("response.output_text", index), what);
        Compare(EventFlowChecker.Text(part, "transcript"), Find("response.output_audio_transcript", index), what);
    }

    private void Compare(string? text, DeltaStream? stream, string what)
    {
        string said = stream?.Text.ToString() ?? "";
        if (text is not null && text != said)
        {
            report($"{id} {what} is '{Short(text)}', but the deltas gave '{Short(said)}'");
        }
    }

    private static string Short(string text) => text.Length > 60 ? $"{text[..60]}…" : text;

    private DeltaStream? Find(string stem, int contentIndex) => _streams.GetValueOrDefault($"{stem}#{contentIndex}");

    private DeltaStream StreamOf(string stem, int? contentIndex)
    {
        string key = contentIndex is { } index ? $"{stem}#{index}" : stem;
        if (!_streams.TryGetValue(key, out var stream))
        {
            _streams.Add(key, stream = new DeltaStream());
        }

        return stream;
    }

    private sealed class DeltaStream
    {
        public StringBuilder Text { get; } = new();

        public bool IsDone { get; set; }
    }
}
