using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Asks the engine, before there are calls, whether it takes what the agents are to be: what it refuses then would cost every call.</summary>
/// <param name="services">Where the engine is. It is asked for only when there are agents: its own settings may be wrong too, which are told by themselves.</param>
internal sealed class SipAgentsValidator(IServiceProvider services) : IValidateOptions<SipOptions>
{
    public ValidateOptionsResult Validate(string? name, SipOptions options)
    {
        if (options.Agents.Count == 0 || Engine() is not { } engine)
            return ValidateOptionsResult.Success;
        string[] problems = [.. options.Agents.SelectMany((agent, index) => ProblemsOf(agent, $"VoiceCarnival:Sip:Agents:{index}", engine))];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> ProblemsOf(SipAgentOptions agent, string key, IVoiceEngine engine)
    {
        if (agent.Brain is { Length: > 0 } brain && engine.Describe().Brains is { } brains && !brains.Contains(brain, StringComparer.Ordinal))
            yield return $"{key}:Brain is '{brain}', but this server has {string.Join(", ", brains)}{(brain == "chat" ? "; 'chat' needs VoiceCarnival:Local:ChatModel" : "")}";
        // Tools that are no JSON are told already.
        if (SipOptionsValidator.HasTools(agent) && engine.Preview(SipAgents.SessionOf(agent, null, default)).Error is { } error)
            yield return $"{key}{KeyOf(error.Param)}: {error.Message}";
    }

    private static string KeyOf(string? field) => field switch
    {
        "session.audio.output.voice" => ":Voice",
        "session.model" => ":Model",
        "session.instructions" => ":Instructions",
        not null when field.StartsWith("session.tools", StringComparison.Ordinal) => ":Tools",
        _ => "",
    };

    private IVoiceEngine? Engine()
    {
        try
        {
            return services.GetService<IVoiceEngine>();
        }
        catch (Exception exception) when (exception is OptionsValidationException or InvalidOperationException or IOException or ArgumentException or FormatException)
        {
            return null;
        }
    }
}
