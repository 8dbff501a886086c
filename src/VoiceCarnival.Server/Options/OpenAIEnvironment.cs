using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace VoiceCarnival.Server.Options;

/// <summary>Honours the environment variables of OpenAI's own SDKs.</summary>
internal static class OpenAIEnvironment
{
    private static readonly (string Variable, string Key)[] Names =
    [
        ("OPENAI_API_KEY", "VoiceCarnival:OpenAI:ApiKey"),
        ("OPENAI_BASE_URL", "VoiceCarnival:OpenAI:BaseUrl"),
        ("OPENAI_WEBHOOK_SECRET", "VoiceCarnival:OpenAI:WebhookSecret"),
    ];

    /// <summary>They count more than the settings files and less than <c>VoiceCarnival__OpenAI__…</c> in the environment.</summary>
    public static void AddOpenAIEnvironment(this WebApplicationBuilder builder)
    {
        var found = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (variable, key) in Names)
        {
            if (builder.Configuration[variable] is { Length: > 0 } value)
                found[key] = value;
        }

        var sources = ((IConfigurationBuilder)builder.Configuration).Sources;
        int last = sources.Select((source, index) => source is JsonConfigurationSource ? index : -1).DefaultIfEmpty(-1).Max();
        sources.Insert(last + 1, new MemoryConfigurationSource { InitialData = found });
    }
}
