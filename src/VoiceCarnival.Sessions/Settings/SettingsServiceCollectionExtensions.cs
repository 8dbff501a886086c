using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace VoiceCarnival.Sessions.Settings;

/// <summary>Declares sections of the settings.</summary>
public static class SettingsServiceCollectionExtensions
{
    /// <summary>
    /// Binds <typeparamref name="TOptions"/> from <paramref name="section"/> and declares it, so that the start checks its keys and values together with all
    /// others. Ranges go on the properties as attributes; rules that need more are an <c>IValidateOptions</c> whose messages name the key.
    /// </summary>
    public static IServiceCollection AddSettings<TOptions>(this IServiceCollection services, IConfigurationSection section)
        where TOptions : class, new()
    {
        services.AddOptions<TOptions>().Bind(section);
        return services.DeclareSettings<TOptions>(section);
    }

    /// <summary>Declares a section that is bound elsewhere.</summary>
    public static IServiceCollection DeclareSettings<TOptions>(this IServiceCollection services, IConfigurationSection section)
        where TOptions : class, new()
    {
        services.AddSingleton<SettingsSection>(new SettingsSection<TOptions>(section));
        return services;
    }

    /// <summary>All problems of all declared sections, in the order of declaration.</summary>
    public static IReadOnlyList<string> FindSettingsProblems(this IServiceProvider services)
    {
        var sections = services.GetServices<SettingsSection>().ToArray();
        var declared = sections.Select(s => s.Section.Path).ToArray();
        return [.. sections.SelectMany(s => s.FindProblems(services, declared)).Distinct(StringComparer.Ordinal)];
    }
}
