namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Whole messages that the application has not taken yet, and events of their streams among them.</summary>
internal sealed class ReceivedMessages
{
    /// <summary>What a message costs beside its bytes, so that many tiny ones do not slip through the limit.</summary>
    public const int Overhead = 96;

    private readonly Queue<SctpEvent> _messages = new();

    /// <summary>There are none.</summary>
    public bool IsEmpty => _messages.Count == 0;

    /// <summary>They count for so many bytes.</summary>
    public int Held { get; private set; }

    public void Add(in SctpEvent message)
    {
        Held += message.Payload.Length + Overhead;
        _messages.Enqueue(message);
    }

    public bool TryTake(out SctpEvent message)
    {
        if (!_messages.TryDequeue(out message))
            return false;
        Held -= message.Payload.Length + Overhead;
        return true;
    }
}
