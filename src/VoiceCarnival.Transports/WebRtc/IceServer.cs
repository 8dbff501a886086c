namespace VoiceCarnival.Transports.WebRtc;

/// <summary>A STUN or TURN server as a browser's <c>RTCPeerConnection</c> takes it (W3C WebRTC, RTCIceServer).</summary>
/// <param name="Urls">Where it is.</param>
/// <param name="Username">For TURN; null where none is needed.</param>
/// <param name="Credential">The password that goes with it.</param>
public sealed record IceServer(IReadOnlyList<string> Urls, string? Username, string? Credential);
