using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>
/// What the local engine thinks with; one per session. It is asked, it answers with steps. A brain that needs time returns at once and appends its steps later, by the dialogue's
/// <see cref="IDialogueThread"/>.
/// </summary>
public interface IBrain
{
    /// <summary>True when it answers words: what the caller said is written down, where there is a recogniser, before the brain is asked.</summary>
    bool NeedsWords => false;

    /// <summary>What the caller said in that item, where the brain knows without hearing; null leaves that to a recogniser.</summary>
    string? Transcribe(ConversationItem item) => null;

    /// <summary>Answers a turn: puts steps into the plan and completes it, now or later.</summary>
    void Respond(BrainRequest request, ResponsePlan plan);
}

/// <summary>What a brain is asked.</summary>
/// <param name="Options">Effective settings of this response.</param>
/// <param name="Context">The conversation so far, or the items given in its place; the newest last.</param>
/// <param name="Onset">Where speech begins in the newest spoken turn, ms after the start of its audio.</param>
public sealed record BrainRequest(ResponseOptions Options, IReadOnlyList<ConversationItem> Context, long Onset);
