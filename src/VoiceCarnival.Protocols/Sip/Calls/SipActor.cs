using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Protocols.Sip.Calls;

/// <summary>Something of a user agent's that time does something to: a call, a registration.</summary>
public abstract class SipActor : IHasDeadline
{
    private protected SipActor(SipUserAgent agent) => Agent = agent;

    TimeSpan? IHasDeadline.NextDeadline => Deadline;

    QueuedDeadline? IHasDeadline.Queued { get; set; }

    private protected SipUserAgent Agent { get; }

    private protected abstract TimeSpan? Deadline { get; }

    internal abstract void AdvanceTo(TimeSpan now);

    internal static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => other is null || one < other ? one : other;
}
