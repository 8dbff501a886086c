using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>The bounds on values of fields that callers may set: models, voices, tokens, lengths, kinds of tools.</summary>
internal sealed class FieldBounds(PolicyOptions options)
{
    private const int LongestParam = 128;
    private readonly PolicyOptions _options = options;

    /// <summary>True when there are any.</summary>
    public bool Any => _options.AllowedModels is not null || _options.AllowedVoices is not null || _options.MaxOutputTokens is not null
        || _options.MaxInstructionsLength is not null || !_options.AllowMcpTools;

    /// <summary>Null when the values of session or response fields are within all bounds.</summary>
    /// <param name="fields">An object.</param>
    /// <param name="path">Where it stands, for the refusal.</param>
    public RealtimeError? Check(JsonElement fields, string path)
    {
        if (Get(fields, "model") is { } model && CheckModel(model.ValueKind == JsonValueKind.String ? model.GetString() : "") is { } wrongModel)
            return wrongModel with { Param = path + ".model" };
        var output = Get(Get(fields, "audio"), "output");
        return CheckVoice(Get(output, "voice"), path + ".audio.output.voice")
            ?? CheckVoice(Get(fields, "voice"), path + ".voice")
            ?? CheckTokens(Get(fields, "max_output_tokens"), path + ".max_output_tokens")
            ?? CheckTokens(Get(fields, "max_response_output_tokens"), path + ".max_response_output_tokens")
            ?? CheckLength(Get(fields, "instructions"), path + ".instructions")
            ?? CheckTools(Get(fields, "tools"), path + ".tools");
    }

    /// <summary>Null when the model may be asked for.</summary>
    public RealtimeError? CheckModel(string? model) =>
        model is null || _options.AllowedModels is not { } models || models.Contains(model, StringComparer.Ordinal)
            ? null
            : Refuse("model", $"The model '{Shorten(model)}' is not offered here. Offered: {string.Join(", ", models)}.");

    public static JsonElement? Get(JsonElement? from, string name) =>
        from is { ValueKind: JsonValueKind.Object } fields && fields.TryGetProperty(name, out var value) ? value : null;

    public static RealtimeError Refuse(string param, string message) => RealtimeError.Invalid(SessionPolicy.ViolationCode, message, Shorten(param));

    public static string Shorten(string text) => text.Length <= LongestParam ? text : text[..LongestParam];

    private RealtimeError? CheckVoice(JsonElement? voice, string path)
    {
        if (_options.AllowedVoices is not { } voices || voice is not { } value)
            return null;
        var name = value.ValueKind == JsonValueKind.Object ? Get(value, "id") : value;
        return name is { ValueKind: JsonValueKind.String } text && voices.Contains(text.GetString(), StringComparer.Ordinal)
            ? null
            : Refuse(path, $"This voice is not offered here. Offered: {string.Join(", ", voices)}.");
    }

    private RealtimeError? CheckTokens(JsonElement? tokens, string path) =>
        _options.MaxOutputTokens is not { } most || tokens is not { } value
            || (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int asked) && asked <= most)
            ? null
            : Refuse(path, $"'{path}' may be a whole number up to {most} here.");

    private RealtimeError? CheckLength(JsonElement? text, string path) =>
        _options.MaxInstructionsLength is { } most && text is { ValueKind: JsonValueKind.String } value && value.GetString()!.Length > most
            ? Refuse(path, $"'{path}' may have up to {most} characters here.")
            : null;

    private RealtimeError? CheckTools(JsonElement? tools, string path)
    {
        if (_options.AllowMcpTools || tools is not { } list || list.ValueKind == JsonValueKind.Null)
            return null;
        if (list.ValueKind != JsonValueKind.Array)
            return Refuse(path, $"'{path}' must be an array.");
        int index = 0;
        foreach (var tool in list.EnumerateArray())
        {
            if (Get(tool, "type") is not { ValueKind: JsonValueKind.String } type || !type.ValueEquals("function"u8))
                return Refuse($"{path}[{index}].type", "Only tools of the type 'function' are taken here.");
            index++;
        }

        return null;
    }
}
