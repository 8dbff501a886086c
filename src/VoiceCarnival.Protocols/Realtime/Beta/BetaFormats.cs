using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>Audio formats under their two names.</summary>
internal static class BetaFormats
{
    public const string Supported = "'pcm16', 'g711_ulaw', and 'g711_alaw'";

    /// <summary>The GA format object; null when the name is not one of beta's.</summary>
    public static JsonObject? ToGa(string? name) => name switch
    {
        "pcm16" => new JsonObject { ["type"] = "audio/pcm", ["rate"] = 24_000 },
        "g711_ulaw" => new JsonObject { ["type"] = "audio/pcmu" },
        "g711_alaw" => new JsonObject { ["type"] = "audio/pcma" },
        _ => null,
    };

    /// <summary>Beta's name; pcm16, the default, for what beta has no name for.</summary>
    public static string ToBeta(JsonNode? format) => BetaJson.Text(BetaJson.At(format, "type")) switch
    {
        "audio/pcmu" => "g711_ulaw",
        "audio/pcma" => "g711_alaw",
        _ => "pcm16",
    };
}
