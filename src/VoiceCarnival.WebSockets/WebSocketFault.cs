namespace VoiceCarnival.WebSockets;

/// <summary>Why a peer's bytes cannot be taken, with the close code that says so (RFC 6455, section 7.4.1).</summary>
/// <param name="Code">Close code.</param>
/// <param name="Reason">A short phrase.</param>
public sealed record WebSocketFault(int Code, string Reason)
{
    internal static WebSocketFault Protocol(string reason) => new(WebSocketClosure.ProtocolError, reason);

    internal static WebSocketFault NotText { get; } = new(WebSocketClosure.InvalidPayload, "a text message is not UTF-8");

    internal static WebSocketFault TooBig(int limit) => new(WebSocketClosure.TooBig, $"a message is larger than {limit} bytes");
}
