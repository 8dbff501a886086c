namespace VoiceCarnival.Sessions;

/// <summary>Tells callers about one transport. Each transport registers its own, those that are missing are registered as unavailable.</summary>
public interface ITransportDescriptor
{
    /// <summary>Stable id: <c>websocket</c>, <c>webrtc</c>, <c>webrtc-direct</c>, <c>sip</c>.</summary>
    string Id { get; }

    /// <summary>Name for people.</summary>
    string Name { get; }

    /// <summary>How it stands now; cheap, no network.</summary>
    TransportDescription Describe();
}
