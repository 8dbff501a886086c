using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Engines.OpenAIRealtime.Mirror;

/// <summary>A client event that an upstream still has to act on.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Event">The event as the caller sent it.</param>
/// <param name="Place">Where in the caller's audio it came, bytes.</param>
internal readonly record struct ClientRequest(ClientEventKind Kind, byte[] Event, long Place)
{
    /// <summary>Asks for an answer in the conversation; there can be one at a time.</summary>
    public bool AsksForAnswer => Kind == ClientEventKind.ResponseCreate && EventJson.Parse(Event) is { } e && !IsOutOfBand(e);

    /// <summary>Whether a <c>response.create</c> asks for an answer beside the conversation.</summary>
    public static bool IsOutOfBand(JsonObject responseCreate) =>
        (responseCreate["response"] as JsonObject)?["conversation"] is JsonValue value && value.TryGetValue(out string? conversation) && conversation == "none";

    /// <summary>The event was too large to be kept, and what is here in its place holds no more than its <c>event_id</c>: it cannot be sent again.</summary>
    public bool IsForgotten { get; init; }
}
