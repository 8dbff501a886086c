using System.Text.Json;

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
            return ScriptCompiler.Compile(ScriptDocument.Parse(File.ReadAllText(path), folder), problems);
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
}
