using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>
/// What a call is held to whose caller has a line of its own to the service, past the checks of this server. Told what is in force there, it says what has to be set
/// back. Pure; calls come one at a time.
/// </summary>
/// <remarks>
/// The service writes fields in a form of its own: with defaults filled in, in other words. So a field's first value that fits what was agreed counts as its form,
/// and what was not agreed on at all is held to what it was at first, except for the few fields whose default is known.
/// </remarks>
public sealed class AgreedSession
{
    private const int MostProposals = 16;
    private static readonly string[] ReadOnly = ["id", "object", "type", "model", "expires_at", "client_secret"];
    private static readonly string[] Containers = ["audio", "audio.input", "audio.output"];

    // Of the API reference, "Session object": what nobody has set is this at the start, whoever was quicker to change it.
    private static readonly Dictionary<string, JsonNode?> Defaults = new(StringComparer.Ordinal)
    {
        ["tools"] = new JsonArray(),
        ["tool_choice"] = "auto",
        ["prompt"] = null,
        ["tracing"] = null,
        ["include"] = null,
    };

    private readonly SessionPolicy _policy;
    private readonly JsonObject _agreed;
    private readonly Dictionary<string, JsonNode?> _forms = new(StringComparer.Ordinal);
    private readonly Queue<JsonObject> _proposed = new();
    private bool _isKnown;

    internal AgreedSession(SessionPolicy policy, JsonObject fields)
    {
        _policy = policy;
        _agreed = (JsonObject)fields.DeepClone();
    }

    /// <summary>
    /// A <c>session.update</c> that somebody sent through this server and was allowed to: once it shows in the session, it is agreed.
    /// </summary>
    public void Propose(JsonObject fields)
    {
        if (_proposed.Count == MostProposals)
            _proposed.Dequeue();
        _proposed.Enqueue((JsonObject)fields.DeepClone());
    }

    /// <summary>Compares the session in force with what was agreed.</summary>
    /// <param name="session">The whole session object, as <c>session.created</c> and <c>session.updated</c> carry it.</param>
    /// <returns>The fields to set back, for a <c>session.update</c>, and the path of the first of them; null when all is as it may be.</returns>
    public (JsonObject Fields, string Path)? Check(JsonObject session)
    {
        Accept(session);
        var differences = new Differences();
        Compare(session, "", differences);
        CheckBounds(differences);
        _isKnown = true;
        if (differences.SetBack.Count == 0)
            return null;
        differences.SetBack["type"] = session["type"]?.DeepClone() ?? "realtime";
        return (differences.SetBack, differences.First!);
    }

    /// <summary>Null when what a response began with is within the policy's bounds.</summary>
    public RealtimeError? CheckResponse(JsonElement response)
    {
        var problem = _policy.Bounds.Check(response, "response");
        // What the session itself has is no choice of the caller's.
        return problem?.Param switch
        {
            "response.audio.output.voice" when IsInForce("audio.output.voice", FieldBounds.Get(FieldBounds.Get(FieldBounds.Get(response, "audio"), "output"), "voice")) => null,
            "response.max_output_tokens" when IsInForce("max_output_tokens", FieldBounds.Get(response, "max_output_tokens")) => null,
            _ => problem,
        };
    }

    /// <summary>Null when an item may be in the conversation.</summary>
    public RealtimeError? CheckItem(JsonElement item) => _policy.CheckItem(item, "item");

    private void Accept(JsonObject session)
    {
        int shown = _proposed.ToList().FindLastIndex(proposal => Fits(Without(proposal, "type"), session));
        for (; shown >= 0; shown--)
        {
            var proposal = _proposed.Dequeue();
            Lay(proposal, _agreed, "");
        }
    }

    private void Compare(JsonObject told, string parent, Differences differences)
    {
        foreach (var (name, value) in told)
        {
            string path = parent.Length == 0 ? name : parent + "." + name;
            if (parent.Length == 0 && ReadOnly.Contains(name, StringComparer.Ordinal))
                continue;
            if (value is JsonObject inner && (Containers.Contains(path, StringComparer.Ordinal) || _policy.Allowed.CoversBelow(path)))
            {
                Compare(inner, path, differences);
            }
            else if (!IsAsAgreed(path, value))
            {
                if (_policy.Allowed.Covers(path))
                    Differences.Set(differences.Chosen, path, value);
                else
                    differences.Refuse(path, Former(path));
            }
        }
    }

    private bool IsAsAgreed(string path, JsonNode? value)
    {
        if (_forms.TryGetValue(path, out var form))
            return JsonNode.DeepEquals(form, value);
        bool isAgreed = Find(_agreed, path, out var agreed) || Defaults.TryGetValue(path, out agreed);
        if (isAgreed ? !Fits(agreed, value) : _isKnown || _policy.Allowed.Covers(path))
            return false;
        _forms[path] = value?.DeepClone();
        return true;
    }

    // Fields that the caller may choose, but not like this.
    private void CheckBounds(Differences differences)
    {
        while (differences.Chosen.Count > 0 && _policy.Bounds.Check(JsonSerializer.SerializeToElement(differences.Chosen), "session") is { Param: { } param })
        {
            string path = param["session.".Length..].Split('[')[0];
            if (!Differences.Remove(differences.Chosen, path))
                return;
            differences.Refuse(path, Former(path));
        }
    }

    private JsonNode? Former(string path) =>
        Find(_agreed, path, out var agreed) || _forms.TryGetValue(path, out agreed) || Defaults.TryGetValue(path, out agreed) ? agreed?.DeepClone()
            : path == "instructions" ? "" // they are cleared so
            : null;

    private bool IsInForce(string path, JsonElement? value) =>
        value is { } told && JsonNode.DeepEquals(Former(path), JsonSerializer.SerializeToNode(told));

    private void Lay(JsonObject fields, JsonObject over, string parent)
    {
        foreach (var (name, value) in fields)
        {
            string path = parent.Length == 0 ? name : parent + "." + name;
            if (value is JsonObject inner && Containers.Contains(path, StringComparer.Ordinal))
            {
                if (over[name] is not JsonObject below)
                    over[name] = below = [];
                Lay(inner, below, path);
                continue;
            }

            over[name] = value?.DeepClone();
            foreach (string form in _forms.Keys.Where(key => key == path || key.StartsWith(path + ".", StringComparison.Ordinal)).ToArray())
                _forms.Remove(form);
        }
    }

    // True when the service may have made the one of the other: what both name is equal, what only one names is a default or was dropped.
    private static bool Fits(JsonNode? ours, JsonNode? told) => (ours, told) switch
    {
        (JsonObject a, JsonObject b) => a.All(field => !b.ContainsKey(field.Key) || Fits(field.Value, b[field.Key])),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => Fits(pair.First, pair.Second)),
        (JsonObject { Count: 1 } a, JsonValue) when a.ContainsKey("id") => JsonNode.DeepEquals(a["id"], told), // a voice of one's own
        (JsonArray { Count: 0 }, null) or (null, JsonArray { Count: 0 }) => true,
        _ => JsonNode.DeepEquals(ours, told),
    };

    private static JsonObject Without(JsonObject fields, string name)
    {
        var copy = (JsonObject)fields.DeepClone();
        copy.Remove(name);
        return copy;
    }

    private static bool Find(JsonObject from, string path, out JsonNode? value)
    {
        value = from;
        foreach (string name in path.Split('.'))
        {
            if (value is not JsonObject node || !node.TryGetPropertyValue(name, out value))
            {
                value = null;
                return false;
            }
        }

        return true;
    }

    private sealed class Differences
    {
        public JsonObject Chosen { get; } = [];

        public JsonObject SetBack { get; } = [];

        public string? First { get; private set; }

        public void Refuse(string path, JsonNode? former)
        {
            First ??= path;
            Set(SetBack, path, former);
        }

        public static void Set(JsonObject target, string path, JsonNode? value)
        {
            string[] names = path.Split('.');
            foreach (string name in names[..^1])
            {
                if (target[name] is not JsonObject below)
                    target[name] = below = [];
                target = below;
            }

            target[names[^1]] = value?.DeepClone();
        }

        public static bool Remove(JsonObject target, string path)
        {
            string[] names = path.Split('.');
            var parent = names.Length == 1 ? target : Find(target, string.Join('.', names[..^1]), out var found) ? found as JsonObject : null;
            return parent?.Remove(names[^1]) == true;
        }
    }
}
