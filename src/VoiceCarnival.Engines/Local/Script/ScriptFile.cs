using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Engines.Local.Script;

/// <summary>Reads a script file.</summary>
public static class ScriptFile
{
    /// <summary>Returns the script, or null when it cannot be read at all; <paramref name="problems"/> lists all that is wrong.</summary>
    public static CompiledScript? Load(string path, List<string> problems)
    {
        try
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
            return Read(File.ReadAllText(path), folder, problems);
        }
        catch (JsonException exception)
        {
            problems.Add($"'{path}' is not a script: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"'{path}' cannot be read: {exception.Message}");
        }

        return null;
    }

    /// <summary>Reads a script's text.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static CompiledScript? Read(string json, string folder, List<string> problems)
    {
        if (JsonNode.Parse(json, null, Lenient) is not JsonObject script)
            throw new JsonException("It must be a JSON object.");

        // Everything that is wrong is told at once: types first, then, in what is left, values.
        var touched = ScriptTypes.Check(script, problems);
        var found = new List<string>();
        var compiled = ScriptCompiler.Compile(ScriptDocument.Parse(script.ToJsonString(), folder), found);
        problems.AddRange(found.Where(problem => !touched.Any(place => IsAbout(problem, place))));
        return compiled;
    }

    // "turns[0].reply[1]: needs exactly one of …" after its one was taken out; "…fault: '' is unknown" after that was.
    private static bool IsAbout(string problem, string place) => problem.StartsWith(place + ":", StringComparison.Ordinal) || problem.StartsWith(place + ".fault: ''", StringComparison.Ordinal)
        || (place.Length == 0 && problem.StartsWith("turns: ", StringComparison.Ordinal));

    private static JsonDocumentOptions Lenient { get; } = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };
}
