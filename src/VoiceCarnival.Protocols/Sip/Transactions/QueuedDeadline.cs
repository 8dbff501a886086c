namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>An element's place in a <see cref="DeadlineQueue{T}"/>.</summary>
/// <param name="element">Whose.</param>
/// <param name="at">When it is to be looked at.</param>
internal sealed class QueuedDeadline(IHasDeadline element, TimeSpan at)
{
    /// <summary>Whose place it is; null once it has left.</summary>
    public IHasDeadline? Element { get; set; } = element;

    /// <summary>When it is to be looked at.</summary>
    public TimeSpan At => at;
}
