using System.Text.Json;
using VoiceCarnival.Audio;

namespace VoiceCarnival.Sessions;

/// <summary>What a line that carries the sound itself has to know of a session: how the engine takes the caller's audio, and whether the caller's speech cuts off the agent.</summary>
/// <param name="Format">Of <c>audio.input</c>.</param>
/// <param name="InterruptsResponse">The <c>interrupt_response</c> of its turn detection.</param>
public sealed record InputSettings(AudioFormat Format, bool InterruptsResponse)
{
    /// <summary>Those of a session that says nothing else.</summary>
    public static InputSettings Default { get; } = new(AudioFormat.Pcm24k, true);

    /// <summary>Reads them out of <c>session.created</c> and <c>session.updated</c>. What is not there is as by default.</summary>
    public static InputSettings Read(ReadOnlySpan<byte> utf8Json)
    {
        var reader = new Utf8JsonReader(utf8Json);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out var document))
                return Default;
            using (document)
            {
                var input = Get(Get(Get(document.RootElement, "session"), "audio"), "input");
                bool interrupts = Get(Get(input, "turn_detection"), "interrupt_response").ValueKind != JsonValueKind.False;
                return new InputSettings(FormatOf(Get(Get(input, "format"), "type")), interrupts);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Default; // a fault of the engine's; the caller gets it as it is
        }
    }

    private static AudioFormat FormatOf(JsonElement type) =>
        type.ValueKind == JsonValueKind.String && AudioFormat.TryParse(type.GetString()!, out var format) ? format : AudioFormat.Pcm24k;

    private static JsonElement Get(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;
}
