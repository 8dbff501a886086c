using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local.Brains;

/// <summary>
/// What the local engine thinks with; one per session. Pure: it is asked, it answers with steps, it holds no clock and no thread. A brain that
/// needs time appends its steps later, from within the session's own thread.
/// </summary>
public interface IBrain
{
    /// <summary>What the caller said in that item, or null when the brain cannot tell.</summary>
    string? Transcribe(ConversationItem item);

    /// <summary>Answers a turn: puts steps into the plan and completes it, now or later.</summary>
    void Respond(BrainRequest request, ResponsePlan plan);
}

/// <summary>What a brain is asked.</summary>
/// <param name="Options">Effective settings of this response.</param>
/// <param name="Context">The conversation so far, or the items given in its place; the newest last.</param>
/// <param name="Onset">Where speech begins in the newest spoken turn, ms after the start of its audio.</param>
public sealed record BrainRequest(ResponseOptions Options, IReadOnlyList<ConversationItem> Context, long Onset);
