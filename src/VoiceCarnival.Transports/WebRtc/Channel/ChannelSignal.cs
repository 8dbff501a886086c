using VoiceCarnival.Protocols.Sctp;

namespace VoiceCarnival.Transports.WebRtc.Channel;

/// <summary>Something that happened to an <see cref="EventChannel"/>.</summary>
/// <param name="Kind">What.</param>
/// <param name="Payload">The message; the taker's to keep.</param>
/// <param name="Protocol">The subprotocol that the caller opened the channel with.</param>
/// <param name="Reason">Why the caller is gone.</param>
internal readonly record struct ChannelSignal(
    ChannelSignalKind Kind, ReadOnlyMemory<byte> Payload = default, string Protocol = "", SctpCloseReason Reason = default);
