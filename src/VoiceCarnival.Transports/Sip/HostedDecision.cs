using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Sip;

/// <summary>What an application does with a call that rings for it: accepts or rejects it, once.</summary>
internal sealed class HostedDecision
{
    private int _isDecided;

    /// <summary>Nobody has decided yet.</summary>
    public bool IsOpen => Volatile.Read(ref _isDecided) == 0;

    /// <summary>Answers the call; wrong fields leave it ringing.</summary>
    public async ValueTask<SessionRefusal?> AcceptAsync(Func<Task<SessionRefusal?>> answer)
    {
        if (!TryDecide())
            return Decided;
        var refusal = await answer();
        if (refusal is { Status: 400 or 422 })
            Volatile.Write(ref _isDecided, 0);
        return refusal;
    }

    /// <summary>Turns it away.</summary>
    public ValueTask<SessionRefusal?> RejectAsync(Action refuse)
    {
        if (!TryDecide())
            return ValueTask.FromResult<SessionRefusal?>(Decided);
        refuse();
        return ValueTask.FromResult<SessionRefusal?>(null);
    }

    /// <summary>The caller has gone.</summary>
    public void Abandon() => TryDecide();

    private bool TryDecide() => Interlocked.Exchange(ref _isDecided, 1) == 0;

    private static SessionRefusal Decided { get; } = new(400, RealtimeError.Invalid("decision_already_made", "This call was accepted or rejected already, or has ended.", "call_id"));
}
