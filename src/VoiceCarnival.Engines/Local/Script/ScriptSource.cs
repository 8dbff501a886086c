namespace VoiceCarnival.Engines.Local.Script;

/// <summary>The script of the settings, read once: the check at the start finds what is wrong with it, the engine follows what was checked.</summary>
public sealed class ScriptSource
{
    private readonly Lock _gate = new();
    private readonly List<string> _problems = [];
    private string? _path;
    private CompiledScript? _script;

    /// <summary>Reads a script, or recalls it when it was the last one.</summary>
    /// <returns>Null when it cannot be read at all; <paramref name="problems"/> lists all that is wrong.</returns>
    public CompiledScript? Load(string path, List<string> problems)
    {
        lock (_gate)
        {
            if (path != _path)
            {
                _problems.Clear();
                _script = ScriptFile.Load(path, _problems);
                _path = path;
            }

            problems.AddRange(_problems);
            return _script;
        }
    }
}
