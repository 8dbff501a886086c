using System.Text.RegularExpressions;

namespace VoiceCarnival.Testing.Realtime;

/// <summary>A place where OpenAI's real traffic differs from OpenAI's schema, so that a problem there is not one.</summary>
/// <param name="Path">A pattern of <see cref="SchemaProblem.Path"/>: <c>*</c> stands for an index, a leading <c>**.</c> for any place.</param>
/// <param name="Kind">What is forgiven there.</param>
/// <param name="Why">The evidence.</param>
public sealed record Deviation(string Path, SchemaProblemKind Kind, string Why)
{
    private readonly Regex _path = new(
        "^" + Regex.Escape(Path).Replace(@"\*\*\.", @"(.*\.)?", StringComparison.Ordinal).Replace(@"\*", @"\d+", StringComparison.Ordinal) + "$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        TimeSpan.FromSeconds(1));

    /// <summary>Whether this deviation explains the problem.</summary>
    public bool Covers(SchemaProblem problem) => problem.Kind == Kind && _path.IsMatch(problem.Path);
}
