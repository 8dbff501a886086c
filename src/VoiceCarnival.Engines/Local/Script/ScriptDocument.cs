using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceCarnival.Engines.Local.Script;

/// <summary>The script file of the <c>script</c> brain; README.md beside this file describes every field.</summary>
public sealed record ScriptDocument
{
    /// <summary>Seeds every random choice; the same seed gives the same run.</summary>
    public int Seed { get; init; }

    /// <summary>What the first connections get instead of a session, in order.</summary>
    public IReadOnlyList<ScriptRefusal> Connect { get; init; } = [];

    /// <summary>How long the session is in coming after the connection was made.</summary>
    public int StartDelayMs { get; init; }

    /// <summary>Life of a session; null is the server's own limit.</summary>
    public int? ExpireAfterMs { get; init; }

    /// <summary>How output audio leaves; absent fields come from the settings.</summary>
    public ScriptPace Pace { get; init; } = new();

    /// <summary>The answers, one a turn.</summary>
    public IReadOnlyList<ScriptTurn> Turns { get; init; } = [];

    /// <summary>Begin again after the last turn.</summary>
    public bool Repeat { get; init; } = true;

    /// <summary>Faults at fixed times.</summary>
    public IReadOnlyList<ScriptTimelineEntry> Timeline { get; init; } = [];

    /// <summary>Folder that <c>wav</c> paths are relative to.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = ".";

    /// <summary>Parses a script.</summary>
    /// <exception cref="JsonException">Not a script; the message says where.</exception>
    public static ScriptDocument Parse(string json, string folder)
    {
        var document = JsonSerializer.Deserialize(json, ScriptJsonContext.Default.ScriptDocument) ?? throw new JsonException("The script is empty.");
        return document with { Folder = folder };
    }
}

/// <summary>A connection that is refused.</summary>
public sealed record ScriptRefusal
{
    /// <summary>HTTP status.</summary>
    public int Status { get; init; } = 429;

    /// <summary>Error code.</summary>
    public string Code { get; init; } = "rate_limit_exceeded";

    /// <summary>Error message.</summary>
    public string Message { get; init; } = "Refused by the script.";

    /// <summary>Value of <c>Retry-After</c>; null for none.</summary>
    public int? RetryAfterMs { get; init; }
}

/// <summary>Overrides of the output pace.</summary>
public sealed record ScriptPace
{
    /// <summary>Times real time.</summary>
    public double? Speed { get; init; }

    /// <summary>Audio sent at once.</summary>
    public int? LeadMs { get; init; }

    /// <summary>Audio in one delta.</summary>
    public int? DeltaMs { get; init; }

    /// <summary>Deltas that leave together.</summary>
    public int? Burst { get; init; }

    /// <summary>Longest random delay of a burst.</summary>
    public int JitterMs { get; init; }
}

/// <summary>What the agent heard and answers in one turn.</summary>
public sealed record ScriptTurn
{
    /// <summary>Transcript of the caller's speech.</summary>
    public string? Heard { get; init; }

    /// <summary>The answer's steps.</summary>
    public IReadOnlyList<ScriptStep> Reply { get; init; } = [];
}

/// <summary>One step; exactly one of <see cref="Say"/>, <see cref="Text"/>, <see cref="Call"/>, <see cref="WaitMs"/>, <see cref="Fault"/>, <see cref="Fail"/>.</summary>
public sealed record ScriptStep
{
    /// <summary>Words spoken; the audio is <see cref="Wav"/>, <see cref="Echo"/> or a tone.</summary>
    public string? Say { get; init; }

    /// <summary>Tone of a spoken step.</summary>
    public double ToneHz { get; init; } = 440;

    /// <summary>Length of the tone; null is 60 ms a character.</summary>
    public int? Ms { get; init; }

    /// <summary>A WAV file as the audio of a spoken step.</summary>
    public string? Wav { get; init; }

    /// <summary>The caller's own last audio as the audio of a spoken step.</summary>
    public bool Echo { get; init; }

    /// <summary>Written text.</summary>
    public string? Text { get; init; }

    /// <summary>Name of a function to call.</summary>
    public string? Call { get; init; }

    /// <summary>Arguments of the call.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>A pause.</summary>
    public int? WaitMs { get; init; }

    /// <summary>Random addition to the pause, at most.</summary>
    public int JitterMs { get; init; }

    /// <summary>A fault: <c>error</c>, <c>malformed</c>, <c>expire</c>, <c>drop</c> or <c>close</c>.</summary>
    public string? Fault { get; init; }

    /// <summary>The response fails with this code.</summary>
    public string? Fail { get; init; }

    /// <summary>Error code of an <c>error</c> fault, close code of a <c>close</c> fault.</summary>
    public JsonElement? Code { get; init; }

    /// <summary>Message of an error, reason of a close.</summary>
    public string? Message { get; init; }
}

/// <summary>A fault at a fixed time.</summary>
public sealed record ScriptTimelineEntry
{
    /// <summary>After <c>session.created</c>.</summary>
    public int AtMs { get; init; }

    /// <summary>As in a step.</summary>
    public required string Fault { get; init; }

    /// <summary>As in a step.</summary>
    public JsonElement? Code { get; init; }

    /// <summary>As in a step.</summary>
    public string? Message { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(ScriptDocument))]
internal sealed partial class ScriptJsonContext : JsonSerializerContext;
