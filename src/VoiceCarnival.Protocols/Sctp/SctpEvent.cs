namespace VoiceCarnival.Protocols.Sctp;

/// <summary>Something the application should know.</summary>
/// <param name="Kind">What.</param>
/// <param name="Stream">Which stream it is about.</param>
/// <param name="PayloadProtocol">The kind of message (RFC 8831, section 8).</param>
/// <param name="Payload">The message; the application's to keep.</param>
/// <param name="Reason">Why it is over.</param>
public readonly record struct SctpEvent(
    SctpEventKind Kind, ushort Stream = 0, uint PayloadProtocol = 0, ReadOnlyMemory<byte> Payload = default, SctpCloseReason Reason = default);
