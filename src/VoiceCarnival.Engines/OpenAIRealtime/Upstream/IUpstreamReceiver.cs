using VoiceCarnival.WebSockets;

namespace VoiceCarnival.Engines.OpenAIRealtime.Upstream;

/// <summary>Takes what an upstream says. Every call names the connection, since an old one may still speak while a new one is made ready.</summary>
internal interface IUpstreamReceiver
{
    /// <summary>One event; the bytes may be used until the task completes, and nothing more is read meanwhile.</summary>
    ValueTask OnEventAsync(UpstreamConnection upstream, ReadOnlyMemory<byte> utf8Json);

    /// <summary>The upstream has all that it was sent before <see cref="UpstreamConnection.AskForProof"/> with this place.</summary>
    void OnProof(UpstreamConnection upstream, long place)
    {
    }

    /// <summary>What waited to be sent has gone out.</summary>
    void OnRoom();

    /// <summary>The connection has ended.</summary>
    void OnClosed(UpstreamConnection upstream, WebSocketClosure closure);
}
