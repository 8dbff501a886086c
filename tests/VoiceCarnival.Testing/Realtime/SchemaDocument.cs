using System.Text.Json;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>The named schemas of an OpenAPI document, with references followed.</summary>
internal sealed class SchemaDocument
{
    private const string Prefix = "#/components/schemas/";
    private readonly JsonElement _schemas;

    public SchemaDocument(JsonElement root) => _schemas = root.GetProperty("components").GetProperty("schemas");

    public IEnumerable<string> Names => _schemas.EnumerateObject().Select(schema => schema.Name);

    public bool TryGet(string name, out JsonElement schema) => _schemas.TryGetProperty(name, out schema);

    /// <summary>Follows <c>$ref</c> until a schema with content is reached.</summary>
    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            string target = reference.GetString()!;
            if (!target.StartsWith(Prefix, StringComparison.Ordinal) || !TryGet(target[Prefix.Length..], out schema))
            {
                throw new InvalidOperationException($"The schema document refers to {target}, which it does not have.");
            }
        }

        return schema;
    }

    /// <summary>The values that a property may have, when the schema lists them: its constant or its enumeration.</summary>
    public IReadOnlyList<string>? ListedValues(JsonElement schema, string property)
    {
        if (!Resolve(schema).TryGetProperty("properties", out var properties) || !properties.TryGetProperty(property, out var rule))
        {
            return null;
        }

        rule = Resolve(rule);
        if (rule.TryGetProperty("const", out var constant))
        {
            return [constant.ToString()];
        }

        return rule.TryGetProperty("enum", out var values) ? [.. values.EnumerateArray().Select(value => value.ToString())] : null;
    }
}
