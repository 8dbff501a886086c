using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.WebRtc;

/// <summary>Tells callers about WebRTC through this server.</summary>
internal sealed class WebRtcDescriptor(WebRtcCalls calls) : ITransportDescriptor
{
    public string Id => WebRtcCalls.TransportId;

    public string Name => "WebRTC";

    public TransportDescription Describe() =>
        calls.Problem is { } problem ? TransportDescription.Unavailable(problem) : TransportDescription.At("/v1/realtime/calls?transport=webrtc");
}
