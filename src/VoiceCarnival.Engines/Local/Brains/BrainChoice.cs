using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using VoiceCarnival.Engines.Local.Brains.Chat;
using VoiceCarnival.Engines.Local.Brains.Concierge;
using VoiceCarnival.Engines.Local.Script;

namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>Which brains there are, and which of them a session gets.</summary>
internal sealed class BrainChoice(LocalEngineOptions options, CompiledScript? script, IChatClient? chat, bool hears, TimeProvider time, ILogger logger)
{
    private const string Prefix = "voicecarnival-";

    /// <summary>What a session may name; null when a script answers all.</summary>
    public IReadOnlyList<string>? Names { get; } = script is not null ? null : chat is null ? ["echo", "concierge"] : ["echo", "concierge", "chat"];

    /// <summary>What a caller may ask for by model, the default first.</summary>
    public IReadOnlyList<string> Models => [LocalEngine.DefaultModel, .. (Names ?? []).Select(name => Prefix + name)];

    /// <summary>The echo repeats words.</summary>
    private bool RepeatsWords => options.Echo == "words" || (options.Echo == "auto" && hears);

    /// <summary>The brain of a session: the one that it names, else the one that its model names, else the server's. Null for a name that there is not.</summary>
    public string? NameFor(string model, string? brain) =>
        script is not null ? "script"
        : brain is not null ? (Has(brain) ? brain : null)
        : model.StartsWith(Prefix, StringComparison.Ordinal) && Has(model[Prefix.Length..]) ? model[Prefix.Length..]
        : options.Brain;

    /// <summary>True when that brain's text is spoken. A script says itself what is sound and what is text, and an echo of sound has nothing to say.</summary>
    public bool Speaks(string name) => name != "script" && (name != "echo" || RepeatsWords);

    /// <summary>One sentence for people.</summary>
    public string Describe() => options.Brain switch
    {
        "script" => "The local engine follows a script.",
        "chat" => "The local engine asks a language model of its operator's choice.",
        "concierge" => "The local engine knows a handful of requests: ask it what it can do.",
        _ => "The local engine says back what it hears.",
    };

    public IBrain Create(string name, IDialogueThread dialogue) => name switch
    {
        "script" => new ScriptBrain(script!),
        "concierge" => new ConciergeBrain(time, hears),
        "chat" => new ChatBrain(chat!, options.Chat, dialogue, time, logger),
        _ => new EchoBrain(RepeatsWords),
    };

    private bool Has(string name) => Names?.Contains(name, StringComparer.Ordinal) == true;
}
