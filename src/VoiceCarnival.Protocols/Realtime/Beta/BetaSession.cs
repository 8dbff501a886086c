using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>
/// The session object in its beta shape (flat fields, <c>modalities</c>, <c>temperature</c>) and in its GA shape, and the fields of a response that
/// changed in the same way.
/// </summary>
public static class BetaSession
{
    // GA has no temperature; what beta echoed when nobody had set one.
    private const double DefaultTemperature = 0.8;

    /// <summary>Turns beta fields into GA's, in place. Fields of other names stay for the engine to judge.</summary>
    /// <param name="session">What the caller wrote, taken apart.</param>
    /// <param name="type"><c>realtime</c> or <c>transcription</c>, which GA wants in every update.</param>
    /// <param name="path">Where the object stands, for errors: <c>session</c>, or empty.</param>
    /// <returns>What is wrong with a value that GA has no word for; null otherwise.</returns>
    public static RealtimeError? ToGa(JsonObject session, string type, string path)
    {
        session.Remove("client_secret"); // lifetime of a secret; read before, where one is minted
        if (type == "transcription")
            session.Remove("modalities");
        session["type"] ??= type;
        Move(session, "max_response_output_tokens", session, "max_output_tokens");
        if (ToGaOutput(session, path) is { } wrong)
            return wrong;
        if (!HasAny(session, "input_audio_format", "input_audio_transcription", "input_audio_noise_reduction", "turn_detection"))
            return null;
        if (!BetaJson.TryOpen(session, "audio", out var audio) || !BetaJson.TryOpen(audio, "input", out var input))
            return null;
        Move(session, "input_audio_transcription", input, "transcription");
        Move(session, "input_audio_noise_reduction", input, "noise_reduction");
        Move(session, "turn_detection", input, "turn_detection");
        return MoveFormat(session, "input_audio_format", input, path);
    }

    /// <summary>What a session and a response have in common: modalities, voice, speed, output format, and a temperature that GA does not have.</summary>
    internal static RealtimeError? ToGaOutput(JsonObject fields, string path)
    {
        fields.Remove("temperature");
        if (BetaJson.TryTake(fields, "modalities", out var modalities) && modalities is not null)
            fields["output_modalities"] = ToGaModalities(modalities);
        if (!HasAny(fields, "voice", "speed", "output_audio_format"))
            return null;
        if (!BetaJson.TryOpen(fields, "audio", out var audio) || !BetaJson.TryOpen(audio, "output", out var output))
            return null;
        Move(fields, "voice", output, "voice");
        Move(fields, "speed", output, "speed");
        return MoveFormat(fields, "output_audio_format", output, path);
    }

    /// <summary>The beta shape of an effective GA session.</summary>
    public static JsonObject ToBeta(JsonObject session)
    {
        bool isTranscription = IsTranscription(session);
        var beta = new JsonObject();
        Copy(session, beta, "id", "object", "model", "expires_at");
        var input = BetaJson.At(session, "audio", "input");
        beta["modalities"] = isTranscription ? new JsonArray("audio", "text") : ToBetaModalities(session["output_modalities"]);
        if (!isTranscription)
            ToBetaOutput(session, beta);
        beta["input_audio_format"] = BetaFormats.ToBeta(BetaJson.At(input, "format"));
        beta["input_audio_transcription"] = BetaJson.At(input, "transcription")?.DeepClone();
        beta["input_audio_noise_reduction"] = BetaJson.At(input, "noise_reduction")?.DeepClone();
        beta["turn_detection"] = BetaJson.At(input, "turn_detection")?.DeepClone();
        if (!isTranscription)
        {
            Copy(session, beta, "instructions", "tools", "tool_choice", "prompt", "tracing");
            beta["temperature"] = DefaultTemperature;
            beta["max_response_output_tokens"] = session["max_output_tokens"]?.DeepClone() ?? "inf";
        }

        Copy(session, beta, "include");
        return beta;
    }

    /// <summary>True when a GA session is of the type <c>transcription</c>.</summary>
    public static bool IsTranscription(JsonObject session) => BetaJson.Text(session["type"]) == "transcription";

    /// <summary>The beta shape of a GA response, in place but for its items.</summary>
    internal static void ToBetaResponse(JsonObject response)
    {
        if (BetaJson.TryTake(response, "output_modalities", out var modalities))
            response["modalities"] = ToBetaModalities(modalities);
        if (BetaJson.TryTake(response, "audio", out var audio) && audio is not null)
            ToBetaOutput(new JsonObject { ["audio"] = audio }, response);
        response["temperature"] = DefaultTemperature;
    }

    private static void ToBetaOutput(JsonObject from, JsonObject beta)
    {
        var output = BetaJson.At(from, "audio", "output");
        if ((BetaJson.At(output, "voice", "id") ?? BetaJson.At(output, "voice")) is { } voice)
            beta["voice"] = voice.DeepClone();
        beta["output_audio_format"] = BetaFormats.ToBeta(BetaJson.At(output, "format"));
        if (BetaJson.At(output, "speed") is { } speed)
            beta["speed"] = speed.DeepClone();
    }

    // Beta's pair means audio with its transcript, which is what GA's audio alone is.
    private static JsonNode ToGaModalities(JsonNode modalities)
    {
        if (modalities is not JsonArray { Count: 1 or 2 } array)
            return modalities;
        bool isAudio = false;
        foreach (var modality in array)
        {
            string? name = BetaJson.Text(modality);
            if (name is not ("audio" or "text"))
                return modalities;
            isAudio |= name == "audio";
        }

        return new JsonArray(isAudio ? "audio" : "text");
    }

    private static JsonArray ToBetaModalities(JsonNode? modalities) =>
        modalities is JsonArray { Count: 1 } only && BetaJson.Text(only[0]) == "text" ? new JsonArray("text") : new JsonArray("text", "audio");

    private static RealtimeError? MoveFormat(JsonObject from, string name, JsonObject to, string path)
    {
        if (!BetaJson.TryTake(from, name, out var format) || format is null)
            return null;
        if (BetaFormats.ToGa(BetaJson.Text(format)) is { } ga)
        {
            to["format"] = ga;
            return null;
        }

        string param = path.Length == 0 ? name : $"{path}.{name}";
        return BetaJson.Text(format) is { } text
            ? RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, $"Invalid value: '{EventFields.Shorten(text)}'. Supported values are: {BetaFormats.Supported}.", param)
            : RealtimeError.Invalid(RealtimeErrorCodes.InvalidType, $"Invalid type for '{param}': expected one of {BetaFormats.Supported}.", param);
    }

    private static void Move(JsonObject from, string name, JsonObject to, string newName)
    {
        if (BetaJson.TryTake(from, name, out var value))
            to[newName] = value;
    }

    private static void Copy(JsonObject from, JsonObject to, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (from.TryGetPropertyValue(name, out var value))
                to[name] = value?.DeepClone();
        }
    }

    private static bool HasAny(JsonObject fields, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (fields.ContainsKey(name))
                return true;
        }

        return false;
    }
}
