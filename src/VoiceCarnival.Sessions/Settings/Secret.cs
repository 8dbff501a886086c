using System.ComponentModel;
using System.Globalization;

namespace VoiceCarnival.Sessions.Settings;

/// <summary>A setting that must not be printed: keys and signing secrets. Binds from a string like any other setting.</summary>
[TypeConverter(typeof(Converter))]
public sealed class Secret(string? value)
{
    private readonly string _value = value?.Trim() ?? "";

    /// <summary>No secret is set.</summary>
    public static Secret None { get; } = new(null);

    /// <summary>True when nothing is set.</summary>
    public bool IsEmpty => _value.Length == 0;

    /// <summary>The secret itself, at the place that needs it and nowhere else.</summary>
    public string Reveal() => _value;

    /// <summary>Masked, so that a log line or a debugger shows nothing.</summary>
    public override string ToString() => IsEmpty ? "(not set)" : "***";

    private sealed class Converter : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) => new Secret(value as string);
    }
}
