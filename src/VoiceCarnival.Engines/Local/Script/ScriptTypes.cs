using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace VoiceCarnival.Engines.Local.Script;

/// <summary>Finds every value of a script that is of a wrong type, and every field that a script does not have, where the reader stops at the first.</summary>
internal static class ScriptTypes
{
    /// <summary>Lists the problems and takes what is wrong out, so that the rest can be read and checked, too.</summary>
    /// <param name="script">The file; may be changed.</param>
    /// <param name="problems">Takes the problems, each with its place.</param>
    /// <returns>Places of objects that something was taken out of: what else seems wrong with them may follow from that.</returns>
    public static IReadOnlySet<string> Check(JsonObject script, List<string> problems)
    {
        var touched = new HashSet<string>(StringComparer.Ordinal);
        Check(script, ScriptJsonContext.Default.ScriptDocument, "", problems, touched);
        return touched;
    }

    private static void Check(JsonObject node, JsonTypeInfo type, string place, List<string> problems, HashSet<string> touched)
    {
        foreach (var (name, value) in node.ToArray())
        {
            string here = place.Length == 0 ? name : $"{place}.{name}";
            var property = type.Properties.FirstOrDefault(property => property.Name == name);
            string? problem = property is null ? "is not a field of a script" : Problem(value, property, here, problems, touched);
            if (problem is null)
                continue;
            problems.Add($"{here}: {problem}.");
            node.Remove(name);
            touched.Add(place);
        }

        foreach (var missing in type.Properties.Where(property => property.IsRequired && !node.ContainsKey(property.Name)))
        {
            if (touched.Add(place))
                problems.Add($"{(place.Length == 0 ? "" : place + ".")}{missing.Name}: is missing.");
            node[missing.Name] = ""; // all that is required is text
        }
    }

    private static string? Problem(JsonNode? value, JsonPropertyInfo property, string place, List<string> problems, HashSet<string> touched)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (value is null)
            return property.IsSetNullable && (!property.PropertyType.IsValueType || type != property.PropertyType) ? null : "must not be null";
        var kind = value.GetValueKind();
        if (type == typeof(JsonElement))
            return null;
        if (type == typeof(int))
            return kind == JsonValueKind.Number && value.AsValue().TryGetValue(out int _) ? null : $"must be a whole number (is {Shown(value)})";
        if (type == typeof(double))
            return kind == JsonValueKind.Number ? null : $"must be a number (is {Shown(value)})";
        if (type == typeof(bool))
            return kind is JsonValueKind.True or JsonValueKind.False ? null : $"must be true or false (is {Shown(value)})";
        if (type == typeof(string))
            return kind == JsonValueKind.String ? null : $"must be text (is {Shown(value)})";
        if (type.IsGenericType)
            return value is JsonArray list ? CheckList(list, Info(type.GetGenericArguments()[0]), place, problems, touched) : $"must be a list (is {Shown(value)})";
        if (value is not JsonObject inner)
            return $"must be an object (is {Shown(value)})";
        Check(inner, Info(type), place, problems, touched);
        return null;
    }

    private static string? CheckList(JsonArray list, JsonTypeInfo type, string place, List<string> problems, HashSet<string> touched)
    {
        for (int i = 0; i < list.Count; i++)
        {
            string here = $"{place}[{i}]";
            if (list[i] is JsonObject item)
            {
                Check(item, type, here, problems, touched);
                continue;
            }

            // An empty one keeps the places of those after it.
            problems.Add($"{here}: must be an object (is {Shown(list[i])}).");
            var stand = new JsonObject();
            list[i] = stand;
            touched.Add(here);
            Check(stand, type, here, problems, touched);
        }

        return null;
    }

    private static JsonTypeInfo Info(Type type) => ScriptJsonContext.Default.GetTypeInfo(type)!;

    private static string Shown(JsonNode? value)
    {
        string json = value?.ToJsonString() ?? "null";
        return json.Length <= 40 ? json : json[..40] + "…";
    }
}
