namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Something that happened to a data channel.</summary>
/// <param name="Kind">What.</param>
/// <param name="Channel">Its stream.</param>
/// <param name="Payload">The message; the application's to keep.</param>
/// <param name="Reason">Why all is over.</param>
public readonly record struct DataChannelEvent(DataChannelEventKind Kind, ushort Channel = 0, ReadOnlyMemory<byte> Payload = default, SctpCloseReason Reason = default);
