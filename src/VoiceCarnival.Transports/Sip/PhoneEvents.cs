using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Transports.Sip;

/// <summary>Events of phone calls.</summary>
internal static class PhoneEvents
{
    /// <summary>How far a call of ours is, for sidebands.</summary>
    public const string ProgressType = "voicecarnival.call.progress";

    /// <summary><see cref="ProgressType"/> as UTF-8 JSON.</summary>
    public static byte[] Progress(string callId, string state, int status, string reason) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["type"] = ProgressType,
        ["event_id"] = RealtimeIds.New("event"),
        ["call_id"] = callId,
        ["state"] = state,
        ["status"] = status,
        ["reason"] = reason,
    });

    /// <summary>Asks the agent to speak first.</summary>
    public static byte[] Greeting(string instructions) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["type"] = "response.create",
        ["response"] = new JsonObject { ["instructions"] = instructions },
    });
}
