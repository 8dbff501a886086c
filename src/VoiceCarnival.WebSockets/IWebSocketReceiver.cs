namespace VoiceCarnival.WebSockets;

/// <summary>Takes what arrives on a line.</summary>
public interface IWebSocketReceiver
{
    /// <summary>
    /// One whole text or binary message; its bytes may be used until the task completes. Nothing more is read meanwhile: a task that takes long is
    /// back-pressure towards the peer. An exception ends the line as <see cref="WebSocketClosure.Failure"/>. When the line breaks first, the task is no
    /// longer waited for.
    /// </summary>
    ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload);

    /// <summary>The answer to a ping: the peer has all that was sent before the ping with this payload. The bytes are valid during the call.</summary>
    void OnPong(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>
    /// What waited to be written has gone out, after <see cref="WebSocketLink.Send(Opcode, ReadOnlySpan{byte})"/> was false. Comes from any thread, under no
    /// lock of the line. Does not come when the line ends first.
    /// </summary>
    void OnRoom();
}
