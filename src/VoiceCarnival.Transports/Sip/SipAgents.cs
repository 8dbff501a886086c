using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.Codecs;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Which agent answers whom, by <c>VoiceCarnival:Sip:Agents</c>.</summary>
internal sealed class SipAgents(IOptions<SipOptions> options)
{
    private static readonly SipAgentOptions Anybody = new() { Name = "agent", Users = ["*"] };
    private readonly (SipAgentOptions Agent, AddressPattern[] Users)[] _agents =
    [
        .. (options.Value.Agents.Count == 0 ? [Anybody] : options.Value.Agents)
            .Select(agent => (agent, (agent.Users.Count == 0 ? [agent.Name] : agent.Users).Select(user => new AddressPattern(user)).ToArray())),
    ];

    /// <summary>All, the first that fits first.</summary>
    public IEnumerable<SipAgentOptions> All => _agents.Select(entry => entry.Agent);

    /// <summary>Who answers a user part or number; null for nobody.</summary>
    public SipAgentOptions? Answering(string user) => Array.Find(_agents, entry => Array.Exists(entry.Users, pattern => pattern.MatchesUser(user))).Agent;

    /// <summary>An agent by its name; null when there is none.</summary>
    public SipAgentOptions? Find(string name) => Array.Find(_agents, entry => entry.Agent.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Agent;

    /// <summary>Whether an agent speaks first.</summary>
    public bool Greets(SipAgentOptions agent) => agent.Greets ?? (agent.Greeting is { Length: > 0 } || options.Value.Greets);

    /// <summary>The session that an agent's calls start with.</summary>
    /// <param name="agent">Who answers.</param>
    /// <param name="codec">What will be sent, where that is known: G.711 goes to the engine as it is.</param>
    /// <param name="fields">What is asked for over that; undefined for nothing.</param>
    public static JsonElement SessionOf(SipAgentOptions agent, AudioCodec? codec, JsonElement fields)
    {
        var session = new JsonObject { ["type"] = "realtime" };
        var audio = new JsonObject();
        if (agent.Model is { Length: > 0 } model)
            session["model"] = model;
        if (agent.Instructions is { Length: > 0 } instructions)
            session["instructions"] = instructions;
        if (agent.Voice is { Length: > 0 } voice)
            audio["output"] = new JsonObject { ["voice"] = voice };
        var tools = agent.Tools is { Length: > 0 } own ? JsonNode.Parse(own)!.AsArray() : [];
        foreach (var tool in PhoneTools.Of(agent))
            tools.Add(tool);
        if (tools.Count > 0)
            session["tools"] = tools;
        session["audio"] = audio;
        if (fields.ValueKind == JsonValueKind.Object)
            Merge(session, JsonObject.Create(fields)!);
        SetFormat(session, "input", codec);
        SetFormat(session, "output", codec);
        return JsonSerializer.SerializeToElement(session);
    }

    // What the line carries, whatever was asked for: nobody else gets to see the format.
    private static void SetFormat(JsonObject session, string side, AudioCodec? codec)
    {
        if (session["audio"] is not JsonObject audio)
            session["audio"] = audio = [];
        if (audio[side] is not JsonObject section)
            audio[side] = section = [];
        string type = codec == AudioCodecs.Pcmu ? "audio/pcmu" : codec == AudioCodecs.Pcma ? "audio/pcma" : "audio/pcm";
        section["format"] = type == "audio/pcm" ? new JsonObject { ["type"] = type, ["rate"] = 24_000 } : new JsonObject { ["type"] = type };
    }

    private static void Merge(JsonObject into, JsonObject from)
    {
        foreach (var (name, value) in from)
        {
            if (value is JsonObject inner && into[name] is JsonObject outer)
                Merge(outer, inner);
            else
                into[name] = value?.DeepClone();
        }
    }
}
