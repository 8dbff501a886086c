using System.Text.Json;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>A set of dotted field paths, each covering what is below it; <c>*</c> covers everything.</summary>
internal sealed class FieldPaths
{
    private readonly string[] _paths;

    public FieldPaths(string[]? paths)
    {
        _paths = paths ?? [];
        CoversAll = paths is null || paths.Contains("*", StringComparer.Ordinal);
    }

    public bool CoversAll { get; }

    public bool Covers(string path) => CoversAll || Array.Exists(_paths, allowed =>
        path.StartsWith(allowed, StringComparison.Ordinal) && (path.Length == allowed.Length || path[allowed.Length] == '.'));

    /// <summary>The path of the first value in <paramref name="fields"/> that is not covered; null when all are.</summary>
    /// <param name="fields">An object.</param>
    /// <param name="path">Where it stands; empty for the top.</param>
    /// <param name="free">Names at the top that need no permission.</param>
    public string? FirstOutside(JsonElement fields, string path, params ReadOnlySpan<string> free)
    {
        if (CoversAll)
            return null;
        foreach (var field in fields.EnumerateObject())
        {
            if (path.Length == 0 && free.Contains(field.Name))
                continue;
            string here = path.Length == 0 ? field.Name : path + "." + field.Name;
            // A name with a dot in it, or none at all, could pass for another path.
            bool isPlain = field.Name.Length > 0 && !field.Name.Contains('.', StringComparison.Ordinal);
            if (isPlain && Covers(here))
                continue;
            if (!isPlain || field.Value.ValueKind != JsonValueKind.Object)
                return here;
            if (FirstOutside(field.Value, here) is { } outside)
                return outside;
        }

        return null;
    }
}
