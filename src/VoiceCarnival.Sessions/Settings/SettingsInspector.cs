using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace VoiceCarnival.Sessions.Settings;

/// <summary>Compares settings with the type that describes them: unknown keys, values of the wrong kind, values out of range.</summary>
internal static class SettingsInspector
{
    private const int NearEnough = 3;

    /// <summary>Checks what is written in the configuration, before anything is bound.</summary>
    /// <param name="section">What is written.</param>
    /// <param name="type">What may be written there.</param>
    /// <param name="declared">Paths of all declared sections.</param>
    /// <param name="problems">Receives the problems.</param>
    /// <param name="unbindable">Receives the paths whose values the binder would choke on.</param>
    public static void CheckKeys(
        IConfigurationSection section, Type type, IReadOnlyCollection<string> declared, List<string> problems, List<string> unbindable)
    {
        var properties = Settable(type);
        foreach (var child in section.GetChildren())
        {
            if (properties.FirstOrDefault(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } property)
                CheckKey(child, property.PropertyType, declared, problems, unbindable);
            else if (!declared.Contains(child.Path, StringComparer.OrdinalIgnoreCase))
                problems.Add(Unknown(section.Path, child, properties, declared));
        }
    }

    /// <summary>Checks the bound values against the attributes on their properties.</summary>
    public static void CheckValues(string path, object options, List<string> problems)
    {
        foreach (var property in Settable(options.GetType()))
        {
            string key = ConfigurationPath.Combine(path, property.Name);
            object? value = property.GetValue(options);
            foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
            {
                if (!rule.IsValid(value))
                    problems.Add(Describe(key, value, rule));
            }

            if (value is not null && IsGroup(property.PropertyType))
                CheckValues(key, value, problems);
            if (value is not IEnumerable list || ElementType(property.PropertyType) is not { } element || !IsGroup(element))
                continue;
            int index = 0;
            foreach (object? item in list)
            {
                if (item is not null)
                    CheckValues($"{key}:{index}", item, problems);
                index++;
            }
        }
    }

    private static void CheckKey(
        IConfigurationSection section, Type type, IReadOnlyCollection<string> declared, List<string> problems, List<string> unbindable)
    {
        var children = section.GetChildren().ToArray();
        bool isLoneValue = children.Length == 0 && !string.IsNullOrEmpty(section.Value);
        string? expected = null;
        if (ElementType(type) is { } element)
        {
            foreach (var item in children)
                CheckKey(item, element, declared, problems, unbindable);
            expected = isLoneValue ? $"a list, its values at {section.Path}:0 and so on" : null;
        }
        else if (IsGroup(type))
        {
            CheckKeys(section, type, declared, problems, unbindable);
            expected = isLoneValue ? "a group of settings" : null;
        }
        else if (children.Length > 0)
        {
            expected = "one value";
        }
        else if (section.Value is { } value && !Converts(value, type))
        {
            expected = Kind(type);
        }

        if (expected is null)
            return;
        unbindable.Add(section.Path);
        problems.Add($"{section.Path} must be {expected} ({(children.Length > 0 ? "is a group" : $"is '{section.Value}'")})");
    }

    private static string Describe(string key, object? value, ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => FormattableString.Invariant($"{key} must be between {range.Minimum} and {range.Maximum} (is {value})"),
        RequiredAttribute => $"{key} is missing",
        { ErrorMessage: { Length: > 0 } message } => $"{key} {message} (is '{value}')",
        _ => rule.FormatErrorMessage(key),
    };

    private static bool Converts(string value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(Secret))
            return true;
        if (value.Length == 0)
            return !type.IsValueType;
        try
        {
            object? converted = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return !type.IsEnum || Enum.IsDefined(type, converted!);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false; // converters throw what they like: FormatException, ArgumentException, a wrapped one of these
        }
    }

    private static string Kind(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            return "one of " + string.Join(", ", Enum.GetNames(type).Select(name => name.ToLowerInvariant()));
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(TimeSpan))
            return "a time span such as 00:00:30";
        return Type.GetTypeCode(type) is TypeCode.Double or TypeCode.Single or TypeCode.Decimal ? "a number"
            : Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64 ? "a whole number"
            : "a " + type.Name;
    }

    private static string Unknown(string path, IConfigurationSection child, PropertyInfo[] properties, IReadOnlyCollection<string> declared)
    {
        string prefix = path + ConfigurationPath.KeyDelimiter;
        var known = properties.Select(p => p.Name)
            .Concat(declared.Where(d => d.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Select(d => d[prefix.Length..]))
            .Where(name => !name.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Order(StringComparer.Ordinal).ToArray();
        string? near = known.MinBy(name => Distance(name, child.Key));
        string hint = near is not null && Distance(near, child.Key) <= NearEnough ? $"did you mean {prefix}{near}?"
            : known.Length > 0 ? "known here: " + string.Join(", ", known)
            : "nothing can be set here";
        return $"{child.Path} is not a setting; {hint}";
    }

    private static PropertyInfo[] Settable(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanRead && p.GetIndexParameters().Length == 0
            && (p.SetMethod is { IsPublic: true } || ElementType(p.PropertyType) is not null))];

    private static Type? ElementType(Type type)
    {
        if (type == typeof(string))
            return null;
        if (type.IsArray)
            return type.GetElementType();
        var generic = type.GetInterfaces().Append(type).Where(i => i.IsGenericType).ToArray();
        if (Array.Find(generic, i => i.GetGenericTypeDefinition() == typeof(IDictionary<,>)) is { } dictionary)
            return dictionary.GenericTypeArguments[1];
        return Array.Find(generic, i => i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GenericTypeArguments[0];
    }

    private static bool IsGroup(Type type) =>
        type.IsClass && type != typeof(string) && ElementType(type) is null && !TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string));

    // Levenshtein without regard to case; keys are short.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int cost = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + cost));
            }
        }

        return row[^1];
    }
}
