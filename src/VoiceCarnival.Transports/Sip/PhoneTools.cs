using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceCarnival.Transports.Sip;

/// <summary>The functions by which an agent acts on its own phone call, where the operator allows them.</summary>
internal static class PhoneTools
{
    public const string HangUp = "hang_up";
    public const string Transfer = "transfer_call";
    public const string SendDigits = "send_digits";

    /// <summary>The tools that an agent gets, in the shape of the Realtime API.</summary>
    public static IEnumerable<JsonObject> Of(SipAgentOptions agent)
    {
        if (agent.MayHangUp)
            yield return Function(HangUp, "Ends the phone call once what you have said was heard. Say goodbye first.", []);
        if (agent.Transfers.Count > 0)
        {
            yield return Function(Transfer, $"Hands the caller over to somebody else. Allowed: {string.Join(", ", agent.Transfers)} (* is any run of characters).",
                new JsonObject { ["to"] = Text("A number such as +4930123456, or an address such as sip:desk@example.com.") });
        }

        if (agent.MaySendDigits)
        {
            yield return Function(SendDigits, "Presses keys of the phone, for the menus of machines.",
                new JsonObject { ["digits"] = Text("From 0 to 9, *, #, A to D.") });
        }
    }

    /// <summary>A function call in an event <c>response.output_item.done</c>; null when there is none.</summary>
    public static (string CallId, string Name, string Arguments)? Read(ReadOnlySpan<byte> utf8Json)
    {
        if (utf8Json.IndexOf("\"function_call\""u8) < 0)
            return null;
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out var document))
                return null;
            using (document)
            {
                return document.RootElement.TryGetProperty("item", out var item) && TextOf(item, "type") == "function_call"
                    && TextOf(item, "call_id") is { } callId && TextOf(item, "name") is { } name
                    ? (callId, name, TextOf(item, "arguments") ?? "{}")
                    : null;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // a fault of the engine's
        }
    }

    /// <summary>A text among a call's arguments; null when it is not there.</summary>
    public static string? Argument(string arguments, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments);
            return TextOf(document.RootElement, name);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null; // models write such things
        }
    }

    /// <summary>The event that tells the engine what came of a call.</summary>
    public static byte[] Output(string callId, string output) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["type"] = "conversation.item.create",
        ["item"] = new JsonObject { ["type"] = "function_call_output", ["call_id"] = callId, ["output"] = output },
    });

    private static string? TextOf(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Function(string name, string description, JsonObject properties) => new()
    {
        ["type"] = "function",
        ["name"] = name,
        ["description"] = description,
        ["parameters"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. properties.Select(property => (JsonNode)property.Key)]),
            ["properties"] = properties,
        },
    };
}
