using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceCarnival.Engines.Local.Script;

/// <summary>The script file of the <c>script</c> brain; README.md beside this file describes every field.</summary>
/// <remarks>Setters, not init: the generated reader would overwrite the default of every init property that the file leaves out.</remarks>
public sealed record ScriptDocument
{
    /// <summary>Seeds every random choice; the same seed gives the same run.</summary>
    public int Seed { get; set; }

    /// <summary>What the first connections get instead of a session, in order.</summary>
    public IReadOnlyList<ScriptRefusal> Connect { get; set; } = [];

    /// <summary>How long the session is in coming after the connection was made.</summary>
    public int StartDelayMs { get; set; }

    /// <summary>Life of a session; null is the server's own limit.</summary>
    public int? ExpireAfterMs { get; set; }

    /// <summary>How output audio leaves; absent fields come from the settings.</summary>
    public ScriptPace Pace { get; set; } = new();

    /// <summary>The answers, one a turn.</summary>
    public IReadOnlyList<ScriptTurn> Turns { get; set; } = [];

    /// <summary>Begin again after the last turn.</summary>
    public bool Repeat { get; set; } = true;

    /// <summary>Faults at fixed times.</summary>
    public IReadOnlyList<ScriptTimelineEntry> Timeline { get; set; } = [];

    /// <summary>Folder that <c>wav</c> paths are relative to.</summary>
    [JsonIgnore]
    public string Folder { get; set; } = ".";

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
    public int Status { get; set; } = 429;

    /// <summary>Error code.</summary>
    public string Code { get; set; } = "rate_limit_exceeded";

    /// <summary>Error message.</summary>
    public string Message { get; set; } = "Refused by the script.";

    /// <summary>Value of <c>Retry-After</c>; null for none.</summary>
    public int? RetryAfterMs { get; set; }
}

/// <summary>Overrides of the output pace.</summary>
public sealed record ScriptPace
{
    /// <summary>Times real time.</summary>
    public double? Speed { get; set; }

    /// <summary>Audio sent at once.</summary>
    public int? LeadMs { get; set; }

    /// <summary>Audio in one delta.</summary>
    public int? DeltaMs { get; set; }

    /// <summary>Deltas that leave together.</summary>
    public int? Burst { get; set; }

    /// <summary>Longest random delay of a burst.</summary>
    public int JitterMs { get; set; }
}

/// <summary>What the agent heard and answers in one turn.</summary>
public sealed record ScriptTurn
{
    /// <summary>Transcript of the caller's speech.</summary>
    public string? Heard { get; set; }

    /// <summary>The answer's steps.</summary>
    public IReadOnlyList<ScriptStep> Reply { get; set; } = [];
}

/// <summary>One step; exactly one of <see cref="Say"/>, <see cref="Text"/>, <see cref="Call"/>, <see cref="WaitMs"/>, <see cref="Fault"/>, <see cref="Fail"/>.</summary>
public sealed record ScriptStep
{
    /// <summary>Words spoken; the audio is <see cref="Wav"/>, <see cref="Echo"/> or a tone.</summary>
    public string? Say { get; set; }

    /// <summary>Tone of a spoken step.</summary>
    public double ToneHz { get; set; } = 440;

    /// <summary>Length of the tone; null is 60 ms a character.</summary>
    public int? Ms { get; set; }

    /// <summary>A WAV file as the audio of a spoken step.</summary>
    public string? Wav { get; set; }

    /// <summary>The caller's own last audio as the audio of a spoken step.</summary>
    public bool Echo { get; set; }

    /// <summary>Written text.</summary>
    public string? Text { get; set; }

    /// <summary>Name of a function to call.</summary>
    public string? Call { get; set; }

    /// <summary>Arguments of the call.</summary>
    public JsonElement? Arguments { get; set; }

    /// <summary>A pause.</summary>
    public int? WaitMs { get; set; }

    /// <summary>Random addition to the pause, at most.</summary>
    public int JitterMs { get; set; }

    /// <summary>A fault: <c>error</c>, <c>malformed</c>, <c>expire</c>, <c>drop</c> or <c>close</c>.</summary>
    public string? Fault { get; set; }

    /// <summary>The response fails with this code.</summary>
    public string? Fail { get; set; }

    /// <summary>Error code of an <c>error</c> fault, close code of a <c>close</c> fault.</summary>
    public JsonElement? Code { get; set; }

    /// <summary>Message of an error, reason of a close.</summary>
    public string? Message { get; set; }
}

/// <summary>A fault at a fixed time.</summary>
public sealed record ScriptTimelineEntry
{
    /// <summary>After <c>session.created</c>.</summary>
    public int AtMs { get; set; }

    /// <summary>As in a step.</summary>
    public required string Fault { get; set; }

    /// <summary>As in a step.</summary>
    public JsonElement? Code { get; set; }

    /// <summary>As in a step.</summary>
    public string? Message { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ScriptDocument))]
internal sealed partial class ScriptJsonContext : JsonSerializerContext;
