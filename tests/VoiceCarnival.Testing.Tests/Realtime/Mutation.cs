using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Testing.Tests.Realtime;

/// <summary>Breaks a valid event, one field at a time.</summary>
internal static class Mutation
{
    /// <summary>Maps whose values the schema leaves free; nothing in them can be wrong.</summary>
    private static readonly string[] Free = ["parameters"];

    /// <summary>The event once for each of its fields, that field having another JSON type.</summary>
    public static IEnumerable<string> WrongTypes(string json)
    {
        foreach (string[] path in Paths(JsonNode.Parse(json)!, []).Where(path => !path[..^1].Intersect(Free).Any()))
        {
            var root = JsonNode.Parse(json)!;
            var parent = path[..^1].Aggregate(root, (node, step) => node is JsonArray array ? array[int.Parse(step)]! : node[step]!);
            string key = path[^1];
            if (parent is JsonArray list)
            {
                list[int.Parse(key)] = Other(list[int.Parse(key)]);
            }
            else
            {
                parent[key] = Other(parent[key]);
            }

            yield return root.ToJsonString();
        }
    }

    // An array fits nowhere else; where an array is right, a boolean is wrong.
    private static JsonNode Other(JsonNode? node) => node is JsonArray ? JsonValue.Create(true) : new JsonArray(JsonValue.Create(true));

    private static IEnumerable<string[]> Paths(JsonNode node, string[] path)
    {
        var children = node switch
        {
            JsonObject map => map.Select(property => (property.Key, property.Value)),
            JsonArray array => array.Select((value, index) => (index.ToString(), value)),
            _ => [],
        };
        foreach (var (key, value) in children)
        {
            yield return [.. path, key];
            if (value is not null && value.GetValueKind() is JsonValueKind.Object or JsonValueKind.Array)
            {
                foreach (string[] inner in Paths(value, [.. path, key]))
                {
                    yield return inner;
                }
            }
        }
    }
}
