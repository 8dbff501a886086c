using System.Buffers;
using System.Net.WebSockets;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>One message waiting to be written, in a pooled buffer; or the goodbye.</summary>
internal readonly record struct OutboundMessage(byte[] Buffer, int Length, WebSocketMessageType Type, SessionTermination? Goodbye = null)
{
    public ReadOnlyMemory<byte> Bytes => Buffer.AsMemory(0, Length);

    public void Release()
    {
        if (Buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(Buffer);
    }
}
