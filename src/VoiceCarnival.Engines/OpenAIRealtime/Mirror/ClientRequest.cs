using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>A client event that an upstream still has to act on.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Event">The event as the caller sent it.</param>
/// <param name="Place">Where in the caller's audio it came, bytes.</param>
internal readonly record struct ClientRequest(ClientEventKind Kind, byte[] Event, long Place);
