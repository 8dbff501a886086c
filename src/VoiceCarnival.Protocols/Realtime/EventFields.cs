using System.Globalization;
using System.Text.Json;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Collects the first thing that is wrong with an event; readers go on without throwing and the caller looks here at the end.</summary>
public sealed class EventProblem
{
    /// <summary>The first problem, or null.</summary>
    public RealtimeError? Error { get; private set; }

    /// <summary>Notes a problem unless there is one already.</summary>
    public void Report(string code, string message, string? param) => Error ??= RealtimeError.Invalid(code, message, param);
}

/// <summary>
/// Reads the fields of one JSON object, checking types and ranges, with OpenAI's words and the dotted path in every complaint. Each getter returns
/// null when the field is absent or wrong; a wrong one is reported.
/// </summary>
public readonly struct EventFields
{
    private readonly JsonElement _object;
    private readonly EventProblem _problem;

    /// <summary>Wraps an object element; anything else is reported and reads as empty.</summary>
    public EventFields(JsonElement element, string path, EventProblem problem)
    {
        _object = element;
        Path = path;
        _problem = problem;
        if (element.ValueKind != JsonValueKind.Object)
            Wrong(path, "an object", element);
    }

    /// <summary>Dotted path of this object; empty for the event itself.</summary>
    public string Path { get; }

    /// <summary>The object itself.</summary>
    public JsonElement Element => _object;

    /// <summary>Where problems go.</summary>
    public EventProblem Problem => _problem;

    /// <summary>Reports every field that is not in <paramref name="names"/>.</summary>
    public EventFields AllowOnly(params ReadOnlySpan<string> names)
    {
        if (_object.ValueKind != JsonValueKind.Object)
            return this;
        foreach (var property in _object.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                string path = Sub(Shorten(property.Name));
                _problem.Report(RealtimeErrorCodes.UnknownParameter, $"Unknown parameter: '{path}'.", path);
            }
        }

        return this;
    }

    /// <summary>True when the field is there, even as null.</summary>
    public bool Has(string name) => _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out _);

    /// <summary>True when the field is there and is null.</summary>
    public bool IsNull(string name) => TryGet(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>The raw element, absent or null alike giving null.</summary>
    public JsonElement? Any(string name) => TryGet(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A string of at most <paramref name="maxLength"/> UTF-16 units.</summary>
    public string? String(string name, int maxLength = 1_000_000)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.String)
            return Wrong<string>(Sub(name), "a string", value);
        if (!TryGetString(value, out string? text))
        {
            _problem.Report(RealtimeErrorCodes.InvalidValue, $"Invalid '{Sub(name)}': not valid Unicode text.", Sub(name));
            return null;
        }

        if (text.Length > maxLength)
        {
            _problem.Report("string_above_max_length",
                $"Invalid '{Sub(name)}': string too long. Expected a string with maximum length {maxLength}, but got a string with length {text.Length} instead.", Sub(name));
            return null;
        }

        return text;
    }

    /// <summary>A string that must be there.</summary>
    public string? RequiredString(string name, int maxLength = 1_000_000)
    {
        if (!Has(name) || IsNull(name))
            Missing(name);
        return String(name, maxLength);
    }

    /// <summary>One of a set of strings.</summary>
    public string? OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        string? text = String(name, 256);
        if (text is null || allowed.Contains(text))
            return text;
        string list = string.Join(", ", allowed.ToArray().Select(a => $"'{a}'"));
        _problem.Report(RealtimeErrorCodes.InvalidValue, $"Invalid value: '{Shorten(text)}'. Supported values are: {list}.", Sub(name));
        return null;
    }

    /// <summary>A whole number within a range.</summary>
    public int? Integer(string name, int min, int max)
    {
        if (Any(name) is not { } value)
            return null;
        // 800.0 is a whole number too: JavaScript and Python clients send either.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || (double.IsFinite(number) && number != Math.Floor(number)))
            return WrongValue<int>(Sub(name), "an integer", value);
        return InRange(name, value, number, min, max, "integer") ? (int)number : null;
    }

    /// <summary>A number within a range.</summary>
    public double? Number(string name, double min, double max)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number))
            return WrongValue<double>(Sub(name), "a number", value);
        return InRange(name, value, number, min, max, "decimal") ? number : null;
    }

    /// <summary>True or false.</summary>
    public bool? Boolean(string name)
    {
        if (Any(name) is not { } value)
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : WrongValue<bool>(Sub(name), "a boolean", value);
    }

    /// <summary>A nested object; null when absent or null.</summary>
    public EventFields? Object(string name) => Any(name) is { } value ? new EventFields(value, Sub(name), _problem) : null;

    /// <summary>A nested object that must be there.</summary>
    public EventFields? RequiredObject(string name)
    {
        if (Any(name) is null)
            Missing(name);
        return Object(name);
    }

    /// <summary>An array; empty when absent, null or wrong.</summary>
    public IReadOnlyList<JsonElement>? Array(string name, int maxItems)
    {
        if (Any(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            return Wrong<IReadOnlyList<JsonElement>>(Sub(name), "an array", value);
        if (value.GetArrayLength() > maxItems)
        {
            _problem.Report("array_above_max_length", $"Invalid '{Sub(name)}': array too long. Expected at most {maxItems} items.", Sub(name));
            return null;
        }

        return [.. value.EnumerateArray()];
    }

    /// <summary>An array of strings; each is checked, the array stays as it is.</summary>
    public void Strings(string name, int maxItems)
    {
        var values = Array(name, maxItems) ?? [];
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i].ValueKind != JsonValueKind.String)
                Wrong($"{Sub(name)}[{i}]", "a string", values[i]);
        }
    }

    /// <summary>Reports an absent field.</summary>
    public void Missing(string name) =>
        _problem.Report(RealtimeErrorCodes.MissingRequiredParameter, $"Missing required parameter: '{Sub(name)}'.", Sub(name));

    /// <summary>Reports a value that cannot be.</summary>
    public void Invalid(string name, string message) => _problem.Report(RealtimeErrorCodes.InvalidValue, message, Sub(name));

    /// <summary>Path of a field of this object.</summary>
    public string Sub(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>What the caller sent, safe to repeat in a message.</summary>
    public static string Shorten(string text) => text.Length <= 64 ? text : string.Concat(text.AsSpan(0, 64), "…");

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        return _object.ValueKind == JsonValueKind.Object && _object.TryGetProperty(name, out value);
    }

    private static bool TryGetString(JsonElement value, out string text)
    {
        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = string.Empty; // a lone surrogate escape; System.Text.Json only finds it here
            return false;
        }
    }

    // A number that no double holds, 1e999, reads as infinite and is out of every range.
    private bool InRange(string name, JsonElement value, double number, double min, double max, string kind)
    {
        if (number >= min && number <= max)
            return true;
        bool below = number < min;
        string bound = (below ? min : max).ToString(CultureInfo.InvariantCulture);
        _problem.Report(kind + (below ? "_below_min_value" : "_above_max_value"),
            $"Invalid '{Sub(name)}': {kind} {(below ? "below minimum" : "above maximum")} value. Expected a value {(below ? ">=" : "<=")} {bound}, but got {Shorten(value.GetRawText())} instead.", Sub(name));
        return false;
    }

    private void Wrong(string path, string expected, JsonElement got)
    {
        string what = got.ValueKind switch
        {
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "a number",
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.True or JsonValueKind.False => "a boolean",
            _ => "null",
        };
        _problem.Report(RealtimeErrorCodes.InvalidType, $"Invalid type for '{path}': expected {expected}, but got {what} instead.", path);
    }

    private T? Wrong<T>(string path, string expected, JsonElement got)
        where T : class
    {
        Wrong(path, expected, got);
        return null;
    }

    private T? WrongValue<T>(string path, string expected, JsonElement got)
        where T : struct
    {
        Wrong(path, expected, got);
        return null;
    }
}
