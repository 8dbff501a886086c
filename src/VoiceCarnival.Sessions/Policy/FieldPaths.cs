using System.Text.Json;

namespace VoiceCarnival.Sessions.Policy;

/// <summary>The field paths that callers may set. A dotted path covers what is below it.</summary>
internal sealed class FieldPaths
{
    private readonly string[]? _allowed;
    private readonly string[] _kept;

    /// <param name="allowed">What is listed; <c>*</c> lists everything. Null: everything but <paramref name="kept"/>.</param>
    /// <param name="kept">What the operator has set itself, which is allowed only where it is listed.</param>
    public FieldPaths(string[]? allowed, string[] kept)
    {
        _allowed = allowed;
        _kept = kept;
        CoversAll = allowed is null ? kept.Length == 0 : allowed.Contains("*", StringComparer.Ordinal);
    }

    public bool CoversAll { get; }

    // A kept field is matched in any case: a server behind us may read names so.
    public bool Covers(string path) => CoversAll || (_allowed is null
        ? !Array.Exists(_kept, kept => IsWithin(path, kept, StringComparison.OrdinalIgnoreCase))
        : Array.Exists(_allowed, allowed => IsWithin(path, allowed, StringComparison.Ordinal)));

    /// <summary>True when something below the path is covered, while the path itself may not be.</summary>
    public bool CoversBelow(string path) => _allowed is not null && Array.Exists(_allowed, allowed => allowed.Length > path.Length && IsWithin(allowed, path, StringComparison.Ordinal));

    /// <summary>The path of the first value in <paramref name="fields"/> that is not covered; null when all are. An empty object is a value, too.</summary>
    /// <param name="fields">An object.</param>
    /// <param name="path">Where it stands; empty for the top.</param>
    /// <param name="free">Names at the top that need no permission, as long as their values are texts; <c>metadata</c> may hold anything.</param>
    public string? FirstOutside(JsonElement fields, string path, params ReadOnlySpan<string> free)
    {
        if (CoversAll)
            return null;
        foreach (var field in fields.EnumerateObject())
        {
            if (path.Length == 0 && free.Contains(field.Name) && (field.Value.ValueKind == JsonValueKind.String || field.Name == "metadata"))
                continue;
            string here = path.Length == 0 ? field.Name : path + "." + field.Name;
            // A name with a dot in it, or none at all, could pass for another path.
            bool isPlain = field.Name.Length > 0 && !field.Name.Contains('.', StringComparison.Ordinal);
            if (isPlain && Covers(here))
                continue;
            if (!isPlain || field.Value.ValueKind != JsonValueKind.Object || field.Value.GetPropertyCount() == 0)
                return here;
            if (FirstOutside(field.Value, here) is { } outside)
                return outside;
        }

        return null;
    }

    private static bool IsWithin(string path, string root, StringComparison comparison) =>
        path.StartsWith(root, comparison) && (path.Length == root.Length || path[root.Length] == '.');
}
