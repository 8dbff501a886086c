namespace VoiceCarnival.Protocols.Sip;

/// <summary>One <c>;name=value</c>.</summary>
public readonly ref struct SipParameter
{
    internal SipParameter(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue)
    {
        Name = name;
        Value = value;
        HasValue = hasValue;
    }

    /// <summary>Its name; upper and lower case are the same.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Its value; of a quoted string what is between the quotes, escapes included.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether there is an equals sign.</summary>
    public bool HasValue { get; }
}
