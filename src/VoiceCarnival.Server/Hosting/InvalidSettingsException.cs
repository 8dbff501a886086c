namespace VoiceCarnival.Server.Hosting;

/// <summary>The settings do not let the server start.</summary>
internal sealed class InvalidSettingsException(IReadOnlyList<string> problems)
    : Exception($"VoiceCarnival cannot start: {problems.Count} {(problems.Count == 1 ? "setting is" : "settings are")} wrong.{Environment.NewLine}"
        + string.Join(Environment.NewLine, problems.Select(problem => "  - " + problem)))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
