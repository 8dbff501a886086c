namespace VoiceCarnival.Protocols.Realtime;

/// <summary>What a client event is, as far as a relay needs to know before it hands the bytes on.</summary>
public enum ClientEventKind
{
    /// <summary>Not a JSON object with a string <c>type</c>.</summary>
    Malformed,

    /// <summary>Well-formed, but of a type that GA does not have.</summary>
    Unknown,

#pragma warning disable CS1591 // one per name in ClientEventTypes
    SessionUpdate,
    BufferAppend,
    BufferCommit,
    BufferClear,
    OutputBufferClear,
    ItemCreate,
    ItemRetrieve,
    ItemTruncate,
    ItemDelete,
    ResponseCreate,
    ResponseCancel,
    Ping,
    Playout,
    HangUp,
#pragma warning restore CS1591
}
