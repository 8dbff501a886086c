namespace VoiceCarnival.WebSockets;

/// <summary>Takes what arrives on a line.</summary>
public interface IWebSocketReceiver
{
    /// <summary>
    /// One whole text or binary message; its bytes may be used until the task completes. Nothing more is read meanwhile: a task that takes long is
    /// back-pressure towards the peer. Must not throw.
    /// </summary>
    ValueTask OnMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload);

    /// <summary>What waited to be written has gone out, after <see cref="WebSocketLink.HasRoom"/> was false. Comes from any thread.</summary>
    void OnRoom();
}
