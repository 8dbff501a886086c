using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>Content of assistant messages: <c>text</c> and <c>audio</c> in beta, <c>output_text</c> and <c>output_audio</c> in GA. All other items are the same.</summary>
internal static class BetaItem
{
    public static void ToGa(JsonNode? item) => Rename(item, toGa: true);

    public static void ToBeta(JsonNode? item) => Rename(item, toGa: false);

    public static void AllToGa(JsonNode? items) => RenameAll(items, toGa: true);

    public static void AllToBeta(JsonNode? items) => RenameAll(items, toGa: false);

    private static void RenameAll(JsonNode? items, bool toGa)
    {
        if (items is not JsonArray array)
            return;
        foreach (var item in array)
            Rename(item, toGa);
    }

    private static void Rename(JsonNode? item, bool toGa)
    {
        if (item is not JsonObject fields || BetaJson.Text(fields["role"]) != "assistant" || fields["content"] is not JsonArray content)
            return;
        foreach (var part in content)
        {
            if (part is JsonObject named && (toGa ? GaName(BetaJson.Text(named["type"])) : BetaName(BetaJson.Text(named["type"]))) is { } name)
                named["type"] = name;
        }
    }

    private static string? GaName(string? type) => type switch
    {
        "text" => "output_text",
        "audio" => "output_audio",
        _ => null,
    };

    private static string? BetaName(string? type) => type switch
    {
        "output_text" => "text",
        "output_audio" => "audio",
        _ => null,
    };
}
