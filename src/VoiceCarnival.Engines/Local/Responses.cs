using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.Local;

/// <summary>The responses under way: at most one in the default conversation, a few out of band beside it.</summary>
internal sealed class Responses(DialogueState state, Action<ScriptFault> onFault)
{
    private const int MaxOutOfBand = 16;
    private static readonly TimeSpan LongestLine = TimeSpan.FromMilliseconds(500);
    private readonly List<Response> _outOfBand = [];

    /// <summary>The one that writes to the default conversation; null when none runs.</summary>
    public Response? Active { get; private set; }

    /// <summary>When the last response in the conversation will have been heard; null before the first and while one runs.</summary>
    public TimeSpan? QuietSince { get; private set; }

    /// <summary>Whether the agent is speaking, or has spoken so lately that the caller's line may still bring it.</summary>
    public bool IsHeard => Active is not null || state.Now < QuietSince + LongestLine;

    public TimeSpan? NextDeadline
    {
        get
        {
            var next = Active?.NextDeadline;
            foreach (var response in _outOfBand)
            {
                if (response.NextDeadline is { } deadline && (next is null || deadline < next))
                    next = deadline;
            }

            return next;
        }
    }

    /// <summary>Begins a response, or says why not.</summary>
    public RealtimeError? Create(ResponseOptions options, long onset = 0, TimeSpan? silence = null)
    {
        if (options.InConversation && Active is { } active)
        {
            return RealtimeError.Invalid(RealtimeErrorCodes.ConversationAlreadyHasActiveResponse,
                $"Conversation already has an active response in progress: {active.Id}. Wait until the response is finished before creating a new one.");
        }

        if (!options.InConversation && _outOfBand.Count >= MaxOutOfBand)
            return RealtimeError.Invalid(RealtimeErrorCodes.RateLimitExceeded, $"At most {MaxOutOfBand} out-of-band responses may run at a time. Wait for one to finish.");

        var context = options.Input ?? state.Conversation.Items;
        state.Hearing.TranscribeMissing(context);
        var usage = TokenUsage.OfInput(options.Instructions, context, state.CachedTokens);
        var response = new Response(state, new BrainRequest(options, [.. context], onset), usage, silence, onFault);
        if (options.InConversation)
        {
            Active = response;
            QuietSince = null;
        }
        else
        {
            _outOfBand.Add(response);
        }

        Advance();
        return null;
    }

    /// <summary>Cancels by id, or the active one when no id is given.</summary>
    public RealtimeError? Cancel(string? id)
    {
        var target = id is null || Active?.Id == id ? Active : _outOfBand.Find(r => r.Id == id);
        if (target is null)
        {
            return RealtimeError.Invalid(RealtimeErrorCodes.ResponseCancelNotActive,
                id is null ? "Cancellation failed: no active response found." : $"Cancellation failed: response '{EventFields.Shorten(id)}' is not active.");
        }

        target.Finish(ResponseEnd.ClientCancelled);
        Sweep();
        return null;
    }

    /// <summary>The caller deletes an item: what is still making it stops, so that nothing of it comes after.</summary>
    public void StopMaking(string itemId)
    {
        if (Active?.IsMaking(itemId) != true)
            return;
        Active.Finish(ResponseEnd.ClientCancelled);
        Sweep();
    }

    /// <summary>The caller speaks: the active response stops.</summary>
    public void Interrupt()
    {
        Active?.Finish(ResponseEnd.TurnDetected);
        Sweep();
    }

    /// <summary>Does all that is due.</summary>
    public void Advance()
    {
        Active?.Advance();
        for (int i = _outOfBand.Count - 1; i >= 0; i--)
            _outOfBand[i].Advance(); // one that ends the session ends the others, but the list stays until the sweep
        Sweep();
    }

    /// <summary>The session is over: nothing more is sent.</summary>
    public void Abandon()
    {
        Active?.Abandon();
        Active = null;
        foreach (var response in _outOfBand)
            response.Abandon();
    }

    private void Sweep()
    {
        if (Active is { End: not null } ended)
        {
            Active = null;
            QuietSince = ended.PlaybackEnd;
        }

        _outOfBand.RemoveAll(static r => r.End is not null);
    }
}
