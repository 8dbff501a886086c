using System.Text.Json;
using System.Text.Json.Serialization;
using VoiceCarnival.Transports.WebRtc;

namespace VoiceCarnival.Server.Endpoints;

/// <summary>A client secret and where to use it.</summary>
/// <param name="Value">The secret, <c>ek_…</c>.</param>
/// <param name="ExpiresAt">Unix seconds until which it starts sessions.</param>
/// <param name="Session">The session it would start now, with all defaults filled.</param>
/// <param name="CallsUrl">Where to post a WebRTC offer; null where WebRTC is unavailable to the holder.</param>
/// <param name="DirectCallsUrl">Where to post a WebRTC offer past this server, straight to the service; null when the engine has no such place, or the policy does not let the holder go there.</param>
/// <param name="WebsocketUrl">Where to open a WebSocket, with subprotocols <c>realtime</c> and <c>openai-insecure-api-key.ek_…</c>.</param>
/// <param name="Engine">Who answers.</param>
/// <param name="IceServers">STUN and TURN servers for a call through this server, as <c>RTCPeerConnection</c> takes them; left out when there are none.</param>
internal sealed record TokenResponse(
    string Value, long ExpiresAt, JsonElement Session, string? CallsUrl, string? DirectCallsUrl, string WebsocketUrl, string Engine,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<IceServer>? IceServers);
