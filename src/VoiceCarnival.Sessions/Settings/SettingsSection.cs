using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace VoiceCarnival.Sessions.Settings;

/// <summary>One declared section of the settings: where it is and which type describes its keys.</summary>
public abstract class SettingsSection(IConfigurationSection section, Type optionsType)
{
    /// <summary>The part of the configuration that the options are bound from.</summary>
    public IConfigurationSection Section { get; } = section;

    /// <summary>The type whose properties are the section's keys.</summary>
    public Type OptionsType { get; } = optionsType;

    /// <summary>All that is wrong with the section, each problem naming its key; empty when it is fine.</summary>
    /// <param name="services">Where the section's own <see cref="IValidateOptions{TOptions}"/> are.</param>
    /// <param name="declared">Paths of all declared sections, so that a section nested in this one is not taken for an unknown key.</param>
    public abstract IReadOnlyList<string> FindProblems(IServiceProvider services, IReadOnlyCollection<string> declared);
}

internal sealed class SettingsSection<TOptions>(IConfigurationSection section) : SettingsSection(section, typeof(TOptions))
    where TOptions : class, new()
{
    public override IReadOnlyList<string> FindProblems(IServiceProvider services, IReadOnlyCollection<string> declared)
    {
        var problems = new List<string>();
        var unbindable = new List<string>();
        SettingsInspector.CheckKeys(Section, OptionsType, declared, problems, unbindable);

        // What cannot be bound is left out, so that the rest is checked all the same.
        var options = new TOptions();
        new ConfigurationBuilder()
            .AddInMemoryCollection(Section.AsEnumerable().Where(pair => pair.Value is not null && !unbindable.Exists(path => IsWithin(pair.Key, path))))
            .Build()
            .GetSection(Section.Path)
            .Bind(options);
        SettingsInspector.CheckValues(Section.Path, options, problems);
        foreach (var validator in services.GetServices<IValidateOptions<TOptions>>())
        {
            // The attributes were checked above, with the key in the message.
            if (validator is DataAnnotationValidateOptions<TOptions>)
                continue;
            if (validator.Validate(Options.DefaultName, options) is { Failed: true } result)
                problems.AddRange(result.Failures.Select(WithKey));
        }

        return problems;

        string WithKey(string failure) =>
            failure.StartsWith(Section.Path, StringComparison.OrdinalIgnoreCase) ? failure : ConfigurationPath.Combine(Section.Path, failure);
    }

    private static bool IsWithin(string key, string path) =>
        key.StartsWith(path, StringComparison.OrdinalIgnoreCase) && (key.Length == path.Length || key[path.Length] == ':');
}
