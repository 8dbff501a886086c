namespace VoiceCarnival.Testing.Realtime;

/// <summary>What kind of rule a JSON value broke; <see cref="Deviation"/> forgives by kind.</summary>
public enum SchemaProblemKind
{
    /// <summary>A required property is absent.</summary>
    Missing,

    /// <summary>Null where the schema has no null.</summary>
    Null,

    /// <summary>Another JSON type than the schema's.</summary>
    Type,

    /// <summary>Not one of the listed values, or not the constant.</summary>
    Value,

    /// <summary>Out of a bound: minimum, length, pattern.</summary>
    Bound,

    /// <summary>A property that the schema does not know.</summary>
    Unknown,
}

/// <summary>One place where a JSON value does not fit its schema.</summary>
/// <param name="Path">The place, as in <c>response.output[0].content</c>; empty for the event itself.</param>
/// <param name="Kind">The kind of rule broken.</param>
/// <param name="Text">What is wrong, for the reader of a failed test.</param>
public sealed record SchemaProblem(string Path, SchemaProblemKind Kind, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length == 0 ? Text : $"{Path}: {Text}";
}
