using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>Follows a script turn by turn, whatever the caller says. Deterministic: the same script and seed give the same run.</summary>
public sealed class ScriptBrain(CompiledScript script) : IBrain
{
    private readonly Random _random = new(script.Document.Seed);
    private int _turn;

    private CompiledTurn? Turn => script.Turns.Count == 0 ? null
        : _turn < script.Turns.Count ? script.Turns[_turn]
        : script.Document.Repeat ? script.Turns[_turn % script.Turns.Count]
        : null;

    /// <inheritdoc/>
    public string? Transcribe(ConversationItem item) => Turn?.Heard;

    /// <inheritdoc/>
    public void Respond(BrainRequest request, ResponsePlan plan)
    {
        if (Turn is { } turn)
        {
            _turn++;
            var heard = LastAudio(request.Context);
            foreach (var step in turn.Reply)
                plan.Add(step(heard, _random));
        }
        else
        {
            plan.Add(new TextStep("The script has ended."));
        }

        plan.Complete();
    }

    private static AudioClip? LastAudio(IReadOnlyList<ConversationItem> context)
    {
        var part = context.SelectMany(item => item.Content).LastOrDefault(part => part.Type == "input_audio" && !part.Audio.IsEmpty);
        if (part is null)
            return null;
        var format = WireFormats.Of(part.AudioFormat);
        return new AudioClip(part.Audio, format);
    }
}
