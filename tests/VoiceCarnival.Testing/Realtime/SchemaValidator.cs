using System.Text.Json;
using System.Text.RegularExpressions;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>Checks a JSON value against a schema of the subset of JSON Schema 2020-12 that OpenAI's document uses.</summary>
/// <remarks>
/// A general validator answers "none of 9 alternatives fit". This one picks the alternative by its tag (<c>type</c>, <c>role</c>) and
/// reports what is wrong inside it. <c>oneOf</c> is read as "at least one": the document's alternatives overlap (any string, or one of
/// these strings).
/// </remarks>
internal sealed class SchemaValidator(SchemaDocument document, bool reportUnknown)
{
    private static readonly string[] Tags = ["type", "role", "object"];
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public IReadOnlyList<SchemaProblem> Validate(JsonElement value, JsonElement schema)
    {
        var problems = new List<SchemaProblem>();
        Check(value, schema, "", problems);
        return problems;
    }

    private void Check(JsonElement value, JsonElement schema, string path, List<SchemaProblem> problems)
    {
        schema = document.Resolve(schema);
        if (value.ValueKind == JsonValueKind.Null && AllowsNull(schema))
        {
            return;
        }

        if (TypesOf(schema) is { } types && !types.Any(type => IsOfType(value, type)))
        {
            problems.Add(Mismatch(value, types, path));
            return;
        }

        foreach (string keyword in (string[])["anyOf", "oneOf"])
        {
            if (schema.TryGetProperty(keyword, out var alternatives))
            {
                CheckAlternatives(value, Flatten(alternatives), path, problems);
            }
        }

        if (schema.TryGetProperty("allOf", out var parts))
        {
            foreach (var part in parts.EnumerateArray())
            {
                Check(value, part, path, problems);
            }
        }

        CheckValue(value, schema, path, problems);
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(value, schema, path, problems);
                break;
            case JsonValueKind.Array:
                CheckArray(value, schema, path, problems);
                break;
            case JsonValueKind.String:
                CheckString(value.GetString()!, schema, path, problems);
                break;
            case JsonValueKind.Number:
                CheckNumber(value.GetDouble(), schema, path, problems);
                break;
        }
    }

    private void CheckAlternatives(JsonElement value, List<JsonElement> alternatives, string path, List<SchemaProblem> problems)
    {
        // 1. By JSON type, so that null, a string and an object do not get each other's reports.
        var fitting = alternatives.FindAll(schema => TypesOf(schema) is not { } types || types.Any(type => IsOfType(value, type)));
        if (fitting.Count == 0)
        {
            problems.Add(Mismatch(value, [.. alternatives.SelectMany(schema => TypesOf(schema) ?? []).Distinct()], path));
            return;
        }

        // 2. By tag, one after the other.
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (string tag in Tags)
            {
                if (fitting.Count > 1 && !NarrowByTag(value, tag, ref fitting, path, problems))
                {
                    return;
                }
            }
        }

        // 3. Of what is left, the one that fits best speaks.
        List<SchemaProblem>? best = null;
        foreach (var schema in fitting)
        {
            var found = new List<SchemaProblem>();
            Check(value, schema, path, found);
            best = best is null || found.Count < best.Count ? found : best;
        }

        problems.AddRange(best!);
    }

    private bool NarrowByTag(JsonElement value, string tag, ref List<JsonElement> fitting, string path, List<SchemaProblem> problems)
    {
        var listed = fitting.ConvertAll(schema => document.ListedValues(schema, tag));
        if (listed.Exists(values => values is null) || listed.TrueForAll(values => values!.SequenceEqual(listed[0]!)))
        {
            return true; // Not a tag of these alternatives.
        }

        if (!value.TryGetProperty(tag, out var actual))
        {
            if (fitting.Exists(schema => !IsRequired(schema, tag)))
            {
                return true;
            }

            problems.Add(new(Join(path, tag), SchemaProblemKind.Missing, "required, but absent"));
            return false;
        }

        var matching = fitting.Where((_, index) => listed[index]!.Contains(actual.ToString())).ToList();
        if (matching.Count == 0)
        {
            problems.Add(NotListed(actual, listed.SelectMany(values => values!).Distinct(), Join(path, tag)));
            return false;
        }

        fitting = matching;
        return true;
    }

    private static void CheckValue(JsonElement value, JsonElement schema, string path, List<SchemaProblem> problems)
    {
        if (schema.TryGetProperty("const", out var constant) && !JsonElement.DeepEquals(value, constant))
        {
            problems.Add(NotListed(value, [constant.ToString()], path));
        }

        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(allowed => JsonElement.DeepEquals(value, allowed)))
        {
            problems.Add(NotListed(value, values.EnumerateArray().Select(allowed => allowed.ToString()), path));
        }
    }

    private void CheckObject(JsonElement value, JsonElement schema, string path, List<SchemaProblem> problems)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray())
            {
                if (!value.TryGetProperty(name.GetString()!, out _))
                {
                    problems.Add(new(Join(path, name.GetString()!), SchemaProblemKind.Missing, "required, but absent"));
                }
            }
        }

        bool hasProperties = schema.TryGetProperty("properties", out var properties);
        bool hasAdditional = schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var property in value.EnumerateObject())
        {
            string place = Join(path, property.Name);
            if (hasProperties && properties.TryGetProperty(property.Name, out var rule))
            {
                Check(property.Value, rule, place, problems);
            }
            else if (hasAdditional && additional.ValueKind == JsonValueKind.Object)
            {
                Check(property.Value, additional, place, problems);
            }
            else if (hasAdditional ? additional.ValueKind == JsonValueKind.False : reportUnknown && hasProperties)
            {
                problems.Add(new(place, SchemaProblemKind.Unknown, "not a property of this schema"));
            }
        }
    }

    private void CheckArray(JsonElement value, JsonElement schema, string path, List<SchemaProblem> problems)
    {
        Bound(schema, "minItems", limit => value.GetArrayLength() >= limit, path, problems);
        Bound(schema, "maxItems", limit => value.GetArrayLength() <= limit, path, problems);
        if (schema.TryGetProperty("items", out var items))
        {
            int index = 0;
            foreach (var element in value.EnumerateArray())
            {
                Check(element, items, $"{path}[{index++}]", problems);
            }
        }
    }

    private static void CheckString(string value, JsonElement schema, string path, List<SchemaProblem> problems)
    {
        Bound(schema, "minLength", limit => value.Length >= limit, path, problems);
        Bound(schema, "maxLength", limit => value.Length <= limit, path, problems);
        if (schema.TryGetProperty("pattern", out var pattern)
            && !Regex.IsMatch(value, pattern.GetString()!, RegexOptions.ECMAScript, PatternTimeout))
        {
            problems.Add(new(path, SchemaProblemKind.Bound, $"does not match {pattern}"));
        }
    }

    private static void CheckNumber(double value, JsonElement schema, string path, List<SchemaProblem> problems)
    {
        Bound(schema, "minimum", limit => value >= limit, path, problems);
        Bound(schema, "maximum", limit => value <= limit, path, problems);
        Bound(schema, "exclusiveMinimum", limit => value > limit, path, problems);
        Bound(schema, "exclusiveMaximum", limit => value < limit, path, problems);
    }

    private static void Bound(JsonElement schema, string keyword, Func<double, bool> holds, string path, List<SchemaProblem> problems)
    {
        if (schema.TryGetProperty(keyword, out var limit) && limit.ValueKind == JsonValueKind.Number && !holds(limit.GetDouble()))
        {
            problems.Add(new(path, SchemaProblemKind.Bound, $"breaks {keyword} {limit}"));
        }
    }

    /// <summary>Alternatives inside alternatives become one list, so that the tag decides among all of them.</summary>
    private List<JsonElement> Flatten(JsonElement alternatives)
    {
        var flat = new List<JsonElement>();
        foreach (var alternative in alternatives.EnumerateArray())
        {
            var schema = document.Resolve(alternative);
            if (!schema.TryGetProperty("type", out _)
                && (schema.TryGetProperty("anyOf", out var inner) || schema.TryGetProperty("oneOf", out inner)))
            {
                flat.AddRange(Flatten(inner));
            }
            else
            {
                flat.Add(schema);
            }
        }

        return flat;
    }

    private static bool AllowsNull(JsonElement schema) =>
        (schema.TryGetProperty("nullable", out var nullable) && nullable.ValueKind == JsonValueKind.True)
        || (TypesOf(schema)?.Contains("null") ?? false);

    private static bool IsRequired(JsonElement schema, string property) =>
        schema.TryGetProperty("required", out var required)
        && required.EnumerateArray().Any(name => string.Equals(name.GetString(), property, StringComparison.Ordinal));

    private static string[]? TypesOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        return type.ValueKind == JsonValueKind.Array
            ? [.. type.EnumerateArray().Select(name => name.GetString()!)]
            : [type.GetString()!];
    }

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => throw new InvalidOperationException($"The schema document uses the unknown type {type}."),
    };

    private static SchemaProblem Mismatch(JsonElement value, string[] types, string path)
    {
        bool isNull = value.ValueKind == JsonValueKind.Null;
        string expected = string.Join(" or ", types);
        return new(
            path,
            isNull ? SchemaProblemKind.Null : SchemaProblemKind.Type,
            isNull ? $"null, but must be {expected} or absent" : $"must be {expected}, but is {Describe(value)}");
    }

    private static SchemaProblem NotListed(JsonElement value, IEnumerable<string> allowed, string path) =>
        new(path, SchemaProblemKind.Value, $"{Describe(value)} is not one of: {string.Join(", ", allowed)}");

    private static string Describe(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length > 60 ? $"{text[..60]}…" : text;
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
