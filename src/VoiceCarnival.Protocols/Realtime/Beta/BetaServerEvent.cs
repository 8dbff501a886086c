using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>A GA event as a beta caller gets it. Deltas change their name only and are not parsed.</summary>
public static class BetaServerEvent
{
    /// <summary><c>response.audio.delta</c></summary>
    public const string AudioDelta = "response.audio.delta";

    /// <summary><c>conversation.item.created</c></summary>
    public const string ItemCreated = "conversation.item.created";

    /// <summary><c>transcription_session.created</c></summary>
    public const string TranscriptionSessionCreated = "transcription_session.created";

    /// <summary><c>transcription_session.updated</c></summary>
    public const string TranscriptionSessionUpdated = "transcription_session.updated";

    /// <summary>Beta had one event for an item; the first of GA's two stands for it.</summary>
    public static bool IsUnknownToBeta(string type) => type == ServerEventTypes.ItemDone;

    /// <summary>The beta name of an event whose fields did not change; empty when its name did not change, or more than that did.</summary>
    public static ReadOnlySpan<byte> NewNameOf(string type) => type switch
    {
        ServerEventTypes.OutputAudioDelta => "response.audio.delta"u8,
        ServerEventTypes.OutputAudioTranscriptDelta => "response.audio_transcript.delta"u8,
        ServerEventTypes.OutputTextDelta => "response.text.delta"u8,
        ServerEventTypes.OutputAudioDone => "response.audio.done"u8,
        ServerEventTypes.OutputAudioTranscriptDone => "response.audio_transcript.done"u8,
        ServerEventTypes.OutputTextDone => "response.text.done"u8,
        _ => default,
    };

    /// <summary>The beta event, for those whose fields changed; null when an event goes out as it is, or cannot be read.</summary>
    public static byte[]? Rewrite(string type, ReadOnlySpan<byte> utf8Json)
    {
        Action<JsonObject>? change = type switch
        {
            ServerEventTypes.SessionCreated => static root => ToBetaSession(root, TranscriptionSessionCreated),
            ServerEventTypes.SessionUpdated => static root => ToBetaSession(root, TranscriptionSessionUpdated),
            ServerEventTypes.ItemAdded => ToBetaItemCreated,
            ServerEventTypes.ItemRetrieved or ServerEventTypes.OutputItemAdded or ServerEventTypes.OutputItemDone => static root => BetaItem.ToBeta(root["item"]),
            ServerEventTypes.ResponseCreated or ServerEventTypes.ResponseDone => ToBetaResponse,
            ServerEventTypes.Error => ToBetaError,
            _ => null,
        };
        if (change is null || BetaJson.Parse(utf8Json) is not { } root)
            return null;
        change(root);
        return BetaJson.Bytes(root);
    }

    private static void ToBetaSession(JsonObject root, string transcriptionType)
    {
        if (root["session"] is not JsonObject session)
            return;
        if (BetaSession.IsTranscription(session))
            root["type"] = transcriptionType;
        root["session"] = BetaSession.ToBeta(session);
    }

    private static void ToBetaItemCreated(JsonObject root)
    {
        root["type"] = ItemCreated;
        BetaItem.ToBeta(root["item"]);
    }

    private static void ToBetaResponse(JsonObject root)
    {
        if (root["response"] is not JsonObject response)
            return;
        BetaSession.ToBetaResponse(response);
        BetaItem.AllToBeta(response["output"]);
    }

    private static void ToBetaError(JsonObject root)
    {
        if (root["error"] is not JsonObject error)
            return;
        foreach (string name in (ReadOnlySpan<string>)["message", "param"])
        {
            if (BetaJson.Text(error[name]) is { } text)
                error[name] = BetaPaths.Rename(text);
        }
    }
}
