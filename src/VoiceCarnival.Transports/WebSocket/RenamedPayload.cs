using VoiceCarnival.Protocols.Realtime.Beta;
using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>An event under its beta name, written straight into the frame.</summary>
internal readonly ref struct RenamedPayload(RenamedEvent renamed) : IFramePayload
{
    private readonly RenamedEvent _renamed = renamed;

    public int Length => _renamed.Length;

    public void Write(Span<byte> payload) => _renamed.CopyTo(payload);
}
