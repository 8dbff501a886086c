namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>Something that time does something to.</summary>
internal interface IHasDeadline
{
    /// <summary>When it wants to be told.</summary>
    TimeSpan? NextDeadline { get; }

    /// <summary>Its place in a queue; for <see cref="DeadlineQueue{T}"/> alone.</summary>
    QueuedDeadline? Queued { get; set; }
}
