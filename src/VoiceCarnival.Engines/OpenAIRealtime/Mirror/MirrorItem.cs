using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>An item of the conversation, kept as the upstream told it, so that another upstream can be told.</summary>
internal sealed class MirrorItem(string id, JsonObject item)
{
    // Items keep their place and id even when nothing of them can be told again.
    private const string NotTranscribed = "(The user said something that was not transcribed.)";
    private const string NotTold = "(The answer was spoken without a transcript.)";
    private const string NotShown = "(An image that was shown here is not kept any more.)";
    private const string Unheard = "…";
    private bool _isCut;

    public string Id => id;

    /// <summary>The item without audio bytes.</summary>
    public JsonObject Item
    {
        get;
        set => (field, Length) = (value, value.ToJsonString().Length);
    } = item;

    /// <summary>Characters of its JSON when it was set.</summary>
    public int Length { get; private set; } = item.ToJsonString().Length;

    /// <summary>Something is shown in it.</summary>
    public bool HasImages => Parts().Any(IsImage);

    /// <summary>The user said it.</summary>
    public bool IsSpoken => Parts().Any(static part => (string?)part["type"] == "input_audio");

    /// <summary>What the user said, when a transcription came; empty when it failed.</summary>
    public string? Transcript { get; set; }

    /// <summary>The upstream knows it as text only, although the caller heard or spoke it.</summary>
    public bool IsReplayed { get; set; }

    /// <summary>Cuts what the assistant said to the part that was heard, at a word's end.</summary>
    /// <param name="heard">0 to 1.</param>
    public void CutTo(double heard)
    {
        _isCut = true;
        foreach (var part in Parts())
        {
            if ((string?)part["transcript"] is { } text)
                part["transcript"] = Cut(text, heard);
            else if (IsReplayed && (string?)part["text"] is { } replayed)
                part["text"] = Cut(replayed, heard);
        }
    }

    /// <summary>Keeps a word about its images in their place.</summary>
    public void ForgetImages()
    {
        var without = (JsonObject)Item.DeepClone();
        var content = (JsonArray)without["content"]!;
        for (int i = 0; i < content.Count; i++)
        {
            if (content[i] is JsonObject part && IsImage(part))
                content[i] = Text("input_text", NotShown);
        }

        Item = without;
    }

    /// <summary>The item as <c>conversation.item.create</c> takes it: text in place of audio. Null for kinds that only a server makes.</summary>
    /// <param name="audio">The user's own audio, base64, for an item that was not transcribed; null when it is not at hand.</param>
    public JsonObject? ForReplay(string? audio)
    {
        var copy = new JsonObject { ["id"] = id, ["type"] = (string?)Item["type"] };
        switch ((string?)Item["type"])
        {
            case "message":
                copy["role"] = (string?)Item["role"];
                var content = new JsonArray([.. Parts().Select(part => ForReplay(part, audio)).OfType<JsonNode>()]);
                if (content.Count == 0 && (string?)Item["role"] == "assistant")
                    content.Add(Text("output_text", _isCut ? Unheard : NotTold));
                copy["content"] = content;
                return content.Count > 0 ? copy : null;
            case "function_call" when (string?)Item["status"] is "completed" or null:
                Keep("name", "call_id", "arguments");
                return copy;
            case "function_call_output":
                Keep("call_id", "output");
                return copy;
            default:
                return null;
        }

        void Keep(params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
                copy[name] = Item[name]?.DeepClone();
        }
    }

    internal static string Cut(string text, double heard)
    {
        if (heard >= 1)
            return text;
        int length = (int)(text.Length * Math.Max(0, heard));
        if (length < text.Length && length > 0 && !char.IsWhiteSpace(text[length]))
            length = text.LastIndexOf(' ', length - 1) + 1;
        return text[..Math.Max(0, length)].TrimEnd();
    }

    private IEnumerable<JsonObject> Parts() => (Item["content"] as JsonArray ?? []).OfType<JsonObject>();

    private JsonObject? ForReplay(JsonObject part, string? audio)
    {
        switch ((string?)part["type"])
        {
            case "input_text":
                return Text("input_text", (string?)part["text"]);
            case "input_audio" when (Transcript ?? (string?)part["transcript"]) is { Length: > 0 } transcript:
                return Text("input_text", transcript);
            case "input_audio":
                return audio is null ? Text("input_text", NotTranscribed) : new JsonObject { ["type"] = "input_audio", ["audio"] = audio };
            case "input_image" when IsImage(part):
                return (JsonObject)part.DeepClone();
            case "output_text" or "text":
                return Text("output_text", (string?)part["text"]);
            case "output_audio" or "audio":
                return Text("output_text", (string?)part["transcript"]);
            default:
                return null;
        }
    }

    private static bool IsImage(JsonObject part) => part["image_url"] is not null;

    private static JsonObject? Text(string type, string? text) => string.IsNullOrEmpty(text) ? null : new JsonObject { ["type"] = type, ["text"] = text };
}
