using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>What a response is made with: the session's settings, overridden by <c>response.create</c> for this one response.</summary>
public sealed record ResponseOptions
{
    /// <summary>True when the response belongs to the default conversation; false is out of band.</summary>
    public bool InConversation { get; init; } = true;

    /// <summary><c>audio</c> or <c>text</c>.</summary>
    public required string OutputModality { get; init; }

    /// <summary>Effective instructions.</summary>
    public required string Instructions { get; init; }

    /// <summary>Effective output audio.</summary>
    public required AudioOutputSettings Output { get; init; }

    /// <summary>Effective tools.</summary>
    public required IReadOnlyList<JsonElement> Tools { get; init; }

    /// <summary>Effective tool choice; undefined means auto.</summary>
    public JsonElement ToolChoice { get; init; }

    /// <summary>Effective limit; null means <c>inf</c>.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Up to 16 pairs, echoed; undefined for none.</summary>
    public JsonElement Metadata { get; init; }

    /// <summary>Items that replace the conversation as context; null for the conversation itself.</summary>
    public IReadOnlyList<ConversationItem>? Input { get; init; }

    /// <summary>The session's own settings.</summary>
    public static ResponseOptions From(RealtimeSession session) => new()
    {
        OutputModality = session.OutputModality,
        Instructions = session.Instructions,
        Output = session.Output,
        Tools = session.Tools,
        ToolChoice = session.ToolChoice,
        MaxOutputTokens = session.MaxOutputTokens,
    };

    /// <summary>Reads <c>response.create</c>'s <c>response</c> object over the session's settings.</summary>
    /// <param name="session">The session.</param>
    /// <param name="fields">The <c>response</c> object.</param>
    /// <param name="find">Finds a conversation item for <c>item_reference</c>.</param>
    public static ResponseOptions Read(RealtimeSession session, EventFields fields, Func<string, ConversationItem?> find)
    {
        fields.AllowOnly("conversation", "input", "metadata", "output_modalities", "instructions", "audio", "tools", "tool_choice", "parallel_tool_calls",
            "max_output_tokens", "prompt", "reasoning");
        var options = From(session) with { InConversation = fields.OneOf("conversation", "auto", "none") != "none" };
        if (fields.Array("output_modalities", 2) is { } modalities)
            options = options with { OutputModality = RealtimeSessionReader.Modality(fields, modalities) ?? options.OutputModality };
        if (fields.String("instructions", 500_000) is { } instructions)
            options = options with { Instructions = instructions };
        if (fields.Object("audio") is { } audio && audio.AllowOnly("output").Object("output") is { } output)
        {
            output.AllowOnly("format", "voice", "speed");
            var voice = RealtimeSessionReader.ReadVoice(output) ?? (options.Output.Voice, options.Output.IsCustomVoice);
            options = options with
            {
                Output = options.Output with
                {
                    Format = RealtimeSessionReader.ReadFormat(output) ?? options.Output.Format,
                    Voice = voice.Item1,
                    IsCustomVoice = voice.Item2,
                },
            };
        }

        if (fields.Any("tools") is not null)
            options = options with { Tools = RealtimeSessionReader.ReadTools(fields) };
        if (fields.Any("tool_choice") is not null)
            options = options with { ToolChoice = RealtimeSessionReader.ReadToolChoice(fields) };
        if (fields.Any("max_output_tokens") is not null)
            options = options with { MaxOutputTokens = RealtimeSessionReader.ReadMaxOutputTokens(fields) };
        fields.Boolean("parallel_tool_calls");
        _ = fields.Object("reasoning");
        _ = fields.Object("prompt");
        return options with { Metadata = ReadMetadata(fields), Input = ReadInput(session, fields, find) };
    }

    private static JsonElement ReadMetadata(EventFields fields)
    {
        if (fields.Object("metadata") is not { } metadata)
            return default;
        int pairs = 0;
        foreach (var pair in metadata.Element.ValueKind == JsonValueKind.Object ? metadata.Element.EnumerateObject() : default)
        {
            if (++pairs > 16)
                fields.Invalid("metadata", "Invalid 'response.metadata': at most 16 pairs.");
            if (pair.Name.Length > 64)
                fields.Invalid("metadata", "Invalid 'response.metadata': keys are at most 64 characters long.");
            if (metadata.IsNull(pair.Name))
                metadata.Invalid(pair.Name, $"Invalid '{metadata.Sub(pair.Name)}': expected a string.");
            metadata.String(pair.Name, 512);
        }

        return metadata.Element.Clone();
    }

    private static List<ConversationItem>? ReadInput(RealtimeSession session, EventFields fields, Func<string, ConversationItem?> find)
    {
        if (fields.Array("input", 1000) is not { } input)
            return null;
        var items = new List<ConversationItem>(input.Count);
        for (int i = 0; i < input.Count && fields.Problem.Error is null; i++)
        {
            var item = new EventFields(input[i], $"{fields.Sub("input")}[{i}]", fields.Problem);
            if (item.String("type", 64) == "item_reference")
            {
                string? id = item.RequiredString("id", 256);
                if (id is not null && find(id) is { } known)
                    items.Add(known);
                else if (id is not null)
                    item.Invalid("id", $"Item with id '{EventFields.Shorten(id)}' not found.");
            }
            else if (ConversationItemReader.Read(item, session.Input.Format) is { } read)
            {
                items.Add(read);
            }
        }

        return items;
    }
}
