namespace VoiceCarnival.Protocols.Sip.Transactions;

/// <summary>Something that time does something to.</summary>
internal interface IHasDeadline
{
    /// <summary>When it wants to be told.</summary>
    TimeSpan? NextDeadline { get; }

    /// <summary>What it waits in a queue for; for <see cref="DeadlineQueue{T}"/> alone.</summary>
    TimeSpan QueuedFor { get; set; }
}
