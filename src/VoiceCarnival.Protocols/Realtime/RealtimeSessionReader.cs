using System.Buffers;
using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>
/// Applies <c>session.update</c> and the <c>session</c> of a client secret: a sparse merge, where only fields that are present change and <c>null</c>
/// (or an empty value) clears. Wrong fields are reported with their path and nothing changes.
/// </summary>
public static class RealtimeSessionReader
{
    private const int MaxTools = 128;
    private const int MaxInstructions = 500_000;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    private static readonly string[] Formats = ["audio/pcm", "audio/pcmu", "audio/pcma"];

    /// <summary>Returns the merged session; look at <paramref name="problem"/> before using it.</summary>
    /// <param name="current">What is in force.</param>
    /// <param name="update">The <c>session</c> object.</param>
    /// <param name="modelIsFixed">The model was named when the session opened and cannot change.</param>
    /// <param name="typeIsRequired">GA wants <c>type</c> in every update.</param>
    /// <param name="problem">Takes the first thing that is wrong.</param>
    public static RealtimeSession Merge(RealtimeSession current, JsonElement update, bool modelIsFixed, bool typeIsRequired, EventProblem problem)
    {
        var fields = new EventFields(update, "session", problem);
        if (typeIsRequired && fields.Any("type") is null)
            fields.Missing("type");
        string? type = fields.OneOf("type", "realtime", "transcription");
        if (type is not null && type != current.Type)
            fields.Invalid("type", $"Passing a {type} session update event to a {current.Type} session is not allowed.");
        if (current.IsTranscription)
            return MergeTranscription(current, fields);

        fields.AllowOnly("type", "id", "object", "expires_at", "model", "output_modalities", "instructions", "audio", "tools", "tool_choice",
            "parallel_tool_calls", "max_output_tokens", "reasoning", "truncation", "prompt", "tracing", "include");
        var session = current;
        if (fields.String("model", 256) is { Length: > 0 } model && model != current.Model)
        {
            if (modelIsFixed)
                fields.Invalid("model", "Cannot update a session's model after the session was created.");
            session = session with { Model = model };
        }

        if (fields.Array("output_modalities", 2) is { } modalities)
            session = session with { OutputModality = Modality(fields, modalities) ?? session.OutputModality };
        if (fields.Has("instructions"))
            session = session with { Instructions = fields.String("instructions", MaxInstructions) ?? string.Empty };
        if (fields.Object("audio") is { } audio)
        {
            audio.AllowOnly("input", "output");
            session = session with
            {
                Input = audio.Object("input") is { } input ? MergeInput(session.Input, input) : session.Input,
                Output = audio.Object("output") is { } output ? MergeOutput(session.Output, output) : session.Output,
            };
        }

        if (fields.Has("tools"))
            session = session with { Tools = ReadTools(fields) };
        if (fields.Has("tool_choice"))
            session = session with { ToolChoice = ReadToolChoice(fields) };
        if (fields.Has("parallel_tool_calls"))
            session = session with { ParallelToolCalls = fields.Boolean("parallel_tool_calls") };
        if (fields.Has("max_output_tokens"))
            session = session with { MaxOutputTokens = ReadMaxOutputTokens(fields) };
        if (fields.Has("reasoning"))
            session = session with { ReasoningEffort = fields.Object("reasoning")?.AllowOnly("effort").OneOf("effort", "minimal", "low", "medium", "high", "xhigh") };
        if (fields.Has("truncation"))
            session = session with { Truncation = ReadTruncation(fields) };
        if (fields.Has("prompt"))
            session = session with { Prompt = ReadPrompt(fields) };
        if (fields.Has("tracing"))
            session = session with { Tracing = ReadTracing(fields, current.Tracing) };
        return MergeInclude(session, fields);
    }

    /// <summary>Reads <c>output_modalities</c>: audio or text, never both in GA.</summary>
    public static string? Modality(EventFields fields, IReadOnlyList<JsonElement> modalities)
    {
        if (modalities.Count == 1 && modalities[0].ValueKind == JsonValueKind.String && modalities[0].GetString() is "audio" or "text")
            return modalities[0].GetString();
        fields.Invalid("output_modalities", "Invalid modalities. Supported combinations are: ['text'] and ['audio'].");
        return null;
    }

    /// <summary>Reads <c>tools</c>: function tools with a name, MCP tools with a label and an address.</summary>
    public static IReadOnlyList<JsonElement> ReadTools(EventFields fields)
    {
        var tools = fields.Array("tools", MaxTools) ?? [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        var labels = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < tools.Count; i++)
        {
            var tool = new EventFields(tools[i], $"{fields.Sub("tools")}[{i}]", fields.Problem);
            switch (tool.RequiredString("type", 64))
            {
                case "function":
                    tool.AllowOnly("type", "name", "description", "parameters", "strict");
                    if (tool.RequiredString("name", 64) is { } name && (name.Length == 0 || !names.Add(name)))
                        tool.Invalid("name", name.Length == 0 ? "A function tool needs a name." : $"Invalid value: '{name}'. Two tools have this name; a call could mean either.");
                    else if (tool.String("name", 64) is { } spelled && !IsFunctionName(spelled))
                        tool.Invalid("name", $"Invalid value: '{EventFields.Shorten(spelled)}'. A function's name has letters, digits, '_' and '-' only.");
                    tool.String("description", 100_000);
                    _ = tool.Object("parameters");
                    break;
                case "mcp":
                    if (tool.RequiredString("server_label", 256) is { } label && !labels.Add(label))
                        tool.Invalid("server_label", $"Invalid value: '{EventFields.Shorten(label)}'. Two MCP servers have this label; a call could mean either.");
                    if (tool.String("server_url") is null & tool.String("connector_id", 256) is null & tool.String("tunnel_id", 256) is null)
                        tool.Missing("server_url");
                    tool.String("authorization");
                    tool.String("server_description");
                    _ = tool.Object("headers");
                    break;
                case { } other:
                    tool.Invalid("type", $"Invalid value: '{EventFields.Shorten(other)}'. Supported values are: 'function', 'mcp'.");
                    break;
            }
        }

        return [.. tools.Select(t => t.Clone())];
    }

    /// <summary>True when a function may have the name: letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static bool IsFunctionName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>Reads <c>tool_choice</c>; undefined means <c>auto</c>.</summary>
    public static JsonElement ReadToolChoice(EventFields fields)
    {
        if (fields.Any("tool_choice") is not { } choice)
            return default;
        if (choice.ValueKind == JsonValueKind.String)
        {
            fields.OneOf("tool_choice", "none", "auto", "required");
        }
        else if (fields.Object("tool_choice") is { } chosen)
        {
            string? type = chosen.RequiredString("type", 64);
            if (type == "function")
                chosen.RequiredString("name", 64);
            else if (type == "mcp")
                chosen.RequiredString("server_label", 256);
            else if (type is not null)
                chosen.OneOf("type", "function", "mcp");
        }

        return choice.Clone();
    }

    /// <summary>Reads <c>max_output_tokens</c>: 1 to 4096, or <c>inf</c> (null here).</summary>
    public static int? ReadMaxOutputTokens(EventFields fields)
    {
        if (fields.Any("max_output_tokens") is not { ValueKind: JsonValueKind.String })
            return fields.Integer("max_output_tokens", 1, 4096);
        fields.OneOf("max_output_tokens", "inf");
        return null;
    }

    /// <summary>Reads an audio format object.</summary>
    public static string? ReadFormat(EventFields fields)
    {
        if (fields.Object("format") is not { } format)
            return null;
        format.AllowOnly("type", "rate");
        string? type = format.OneOf("type", Formats);
        if (format.Any("type") is null)
            format.Missing("type");
        if (format.Integer("rate", 1, 384_000) is { } rate && rate != (type == "audio/pcm" ? 24_000 : 8_000))
            format.Invalid("rate", $"Invalid value: {rate}. audio/pcm runs at 24000 Hz, audio/pcmu and audio/pcma at 8000 Hz.");
        return type;
    }

    /// <summary>Reads <c>voice</c>: a name, or <c>{id}</c> of a custom voice.</summary>
    public static (string Voice, bool IsCustom)? ReadVoice(EventFields fields)
    {
        if (fields.Any("voice") is not { } voice)
            return null;
        if (voice.ValueKind == JsonValueKind.Object)
            return fields.Object("voice")!.Value.AllowOnly("id").RequiredString("id", 256) is { } id ? (id, true) : null;
        if (fields.String("voice", 256) is not { } name)
            return null;
        if (string.IsNullOrWhiteSpace(name))
            fields.Invalid("voice", "Invalid value: the voice has no name. It cannot be cleared; name another.");
        return (name, false);
    }

    private static RealtimeSession MergeTranscription(RealtimeSession current, EventFields fields)
    {
        fields.AllowOnly("type", "id", "object", "expires_at", "audio", "include");
        var session = current;
        if (fields.Object("audio") is { } audio && audio.AllowOnly("input").Object("input") is { } input)
            session = session with { Input = MergeInput(session.Input, input) };
        return MergeInclude(session, fields);
    }

    private static RealtimeSession MergeInclude(RealtimeSession session, EventFields fields)
    {
        if (!fields.Has("include"))
            return session;
        var include = fields.Array("include", 8) ?? [];
        if (include.Any(i => i.ValueKind != JsonValueKind.String || i.GetString() != "item.input_audio_transcription.logprobs"))
            fields.Invalid("include", "Invalid value. Supported values are: 'item.input_audio_transcription.logprobs'.");
        return session with { Include = [.. include.Where(i => i.ValueKind == JsonValueKind.String).Select(i => i.GetString()!)] };
    }

    private static AudioInputSettings MergeInput(AudioInputSettings current, EventFields fields)
    {
        fields.AllowOnly("format", "transcription", "noise_reduction", "turn_detection");
        var input = current with { Format = ReadFormat(fields) ?? current.Format };
        if (fields.Has("transcription"))
            input = input with { Transcription = ReadTranscription(fields) };
        if (fields.Has("noise_reduction"))
        {
            var reduction = fields.Object("noise_reduction")?.AllowOnly("type", "strength");
            reduction?.OneOf("type", "near_field", "far_field");
            reduction?.Number("strength", 0, 1);
            input = input with { NoiseReduction = reduction is null ? default : fields.Any("noise_reduction")!.Value.Clone() };
        }

        if (fields.Has("turn_detection"))
            input = input with { TurnDetection = fields.Object("turn_detection") is { } detection ? MergeTurnDetection(current.TurnDetection, detection) : null };
        return input;
    }

    private static AudioOutputSettings MergeOutput(AudioOutputSettings current, EventFields fields)
    {
        fields.AllowOnly("format", "voice", "speed");
        var output = current with
        {
            Format = ReadFormat(fields) ?? current.Format,
            Speed = fields.Number("speed", 0.25, 1.5) ?? current.Speed,
        };
        // A custom voice is shown by its id, and is known by it from then on.
        return ReadVoice(fields) is { } voice && voice.Voice != current.Voice ? output with { Voice = voice.Voice, IsCustomVoice = voice.IsCustom } : output;
    }

    private static TurnDetectionSettings MergeTurnDetection(TurnDetectionSettings? current, EventFields fields)
    {
        string? type = fields.OneOf("type", "server_vad", "semantic_vad");
        if (fields.Any("type") is null)
            fields.Missing("type");
        var settings = current is not null && current.Type == type ? current : new TurnDetectionSettings { Type = type ?? "server_vad" };
        settings = settings with
        {
            CreateResponse = fields.Boolean("create_response") ?? settings.CreateResponse,
            InterruptResponse = fields.Boolean("interrupt_response") ?? settings.InterruptResponse,
        };
        if (settings.IsSemantic)
        {
            // The agents SDK passes model_version through; it means nothing here.
            fields.AllowOnly("type", "eagerness", "create_response", "interrupt_response", "model_version");
            return settings with { Eagerness = fields.OneOf("eagerness", "low", "medium", "high", "auto") ?? settings.Eagerness };
        }

        fields.AllowOnly("type", "threshold", "prefix_padding_ms", "silence_duration_ms", "idle_timeout_ms", "create_response", "interrupt_response", "model_version");
        return settings with
        {
            Threshold = fields.Number("threshold", 0, 1) ?? settings.Threshold,
            PrefixPaddingMs = fields.Integer("prefix_padding_ms", 0, 5000) ?? settings.PrefixPaddingMs,
            SilenceDurationMs = fields.Integer("silence_duration_ms", 0, 10_000) ?? settings.SilenceDurationMs,
            IdleTimeoutMs = fields.Has("idle_timeout_ms") ? fields.Integer("idle_timeout_ms", 5000, 30_000) : settings.IdleTimeoutMs,
        };
    }

    private static JsonElement ReadTranscription(EventFields fields)
    {
        if (fields.Object("transcription") is not { } transcription)
            return default;
        transcription.AllowOnly("model", "language", "languages", "keywords", "prompt", "delay");
        transcription.String("model", 256);
        transcription.String("language", 64);
        transcription.String("prompt", 100_000);
        transcription.Strings("languages", 64);
        transcription.Strings("keywords", 1000);
        transcription.OneOf("delay", "minimal", "low", "medium", "high", "xhigh");
        return fields.Any("transcription")!.Value.Clone();
    }

    private static JsonElement ReadTruncation(EventFields fields)
    {
        if (fields.Any("truncation") is not { } truncation)
            return default;
        if (truncation.ValueKind == JsonValueKind.String)
        {
            fields.OneOf("truncation", "auto", "disabled");
        }
        else if (fields.Object("truncation") is { } ratio)
        {
            ratio.AllowOnly("type", "retention_ratio", "token_limits").OneOf("type", "retention_ratio");
            if (ratio.Number("retention_ratio", 0, 1) is null)
                ratio.Missing("retention_ratio");
        }

        return truncation.Clone();
    }

    private static JsonElement ReadPrompt(EventFields fields)
    {
        if (fields.Object("prompt") is not { } prompt)
            return default;
        prompt.AllowOnly("id", "version", "variables").RequiredString("id", 256);
        return fields.Any("prompt")!.Value.Clone();
    }

    private static JsonElement ReadTracing(EventFields fields, JsonElement current)
    {
        bool isOn = current.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);
        if (isOn && (fields.Any("tracing") is not { } wanted || !JsonElement.DeepEquals(wanted, current)))
            fields.Invalid("tracing", "Tracing is on for this session, and cannot be changed any more.");
        if (fields.Any("tracing") is not { } tracing)
            return default;
        if (tracing.ValueKind == JsonValueKind.String)
            fields.OneOf("tracing", "auto");
        else
            fields.Object("tracing")?.AllowOnly("workflow_name", "group_id", "metadata");
        return tracing.Clone();
    }
}
