using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime;

/// <summary>The fields of a session object as JSON.</summary>
public static class SessionFields
{
    /// <summary>Lays fields over others, deeply, as <c>session.update</c> does.</summary>
    /// <param name="target">What is changed.</param>
    /// <param name="fields">What counts more.</param>
    public static void Merge(JsonObject target, JsonObject fields)
    {
        foreach (var (name, value) in fields)
        {
            // Variants of one thing, such as the two kinds of turn detection, replace each other.
            if (value is JsonObject inner && target[name] is JsonObject existing && !(inner.ContainsKey("type") && !JsonNode.DeepEquals(inner["type"], existing["type"])))
                Merge(existing, inner);
            else
                target[name] = value?.DeepClone();
        }
    }
}
