using System.Text.Json.Nodes;

namespace VoiceCarnival.Protocols.Realtime.Beta;

/// <summary>
/// A beta caller's event as GA (reference: OpenAI's Realtime beta-to-GA migration guide). Only the events whose shape changed are taken apart; audio goes on
/// as the bytes that came.
/// </summary>
public readonly struct BetaClientEvent
{
    private static ReadOnlySpan<byte> TranscriptionUpdate => "transcription_session.update"u8;

    /// <summary>The GA event; empty when there is an <see cref="Error"/>.</summary>
    public ReadOnlyMemory<byte> Utf8Json { get; private init; }

    /// <summary>What is wrong in words of the beta protocol, for what GA has no words for.</summary>
    public RealtimeError? Error { get; private init; }

    /// <summary>The caller's id of an event with an <see cref="Error"/>, if it gave one.</summary>
    public string? EventId { get; private init; }

    /// <summary>Translates an event. Never throws; what is no event at all goes on to the engine, which says so.</summary>
    public static BetaClientEvent Translate(ReadOnlyMemory<byte> utf8Json) => ClientEventPeek.KindOf(utf8Json.Span) switch
    {
        ClientEventKind.SessionUpdate => Rewrite(utf8Json, static root => ToGaSession(root, "realtime")),
        ClientEventKind.ResponseCreate => Rewrite(utf8Json, ToGaResponse),
        ClientEventKind.ItemCreate when utf8Json.Span.IndexOf("\"assistant\""u8) >= 0 => Rewrite(utf8Json, ToGaItem),
        ClientEventKind.Unknown when IsTranscriptionUpdate(utf8Json.Span) => Rewrite(utf8Json, ToGaTranscription),
        _ => new BetaClientEvent { Utf8Json = utf8Json },
    };

    private static BetaClientEvent Rewrite(ReadOnlyMemory<byte> utf8Json, Func<JsonObject, RealtimeError?> change)
    {
        if (BetaJson.Parse(utf8Json.Span) is not { } root)
        {
            return new BetaClientEvent
            {
                Error = RealtimeError.Invalid(RealtimeErrorCodes.InvalidEvent,
                    "The event is not a JSON object that can be read in one way only: it is cut off, nested too deeply, not Unicode, or names a field twice."),
            };
        }

        return change(root) is { } error
            ? new BetaClientEvent { Error = error, EventId = BetaJson.Text(root["event_id"]) }
            : new BetaClientEvent { Utf8Json = BetaJson.Bytes(root) };
    }

    private static RealtimeError? ToGaSession(JsonObject root, string type)
    {
        if (root["session"] is not JsonObject session)
            return null;
        session.Remove("model"); // beta clients repeat what they asked for at the start; it may have been replaced, and never changes
        return BetaSession.ToGa(session, type, "session");
    }

    // The reference puts the fields into "session", the guide of the time beside the type.
    private static RealtimeError? ToGaTranscription(JsonObject root)
    {
        root["type"] = ClientEventTypes.SessionUpdate;
        if (!root.ContainsKey("session"))
        {
            var session = new JsonObject();
            foreach (string name in root.Select(field => field.Key).Where(name => name is not ("type" or "event_id")).ToArray())
            {
                BetaJson.TryTake(root, name, out var value);
                session[name] = value;
            }

            root["session"] = session;
        }

        return ToGaSession(root, "transcription");
    }

    private static RealtimeError? ToGaResponse(JsonObject root)
    {
        if (root["response"] is not JsonObject response)
            return null;
        if (BetaJson.TryTake(response, "max_response_output_tokens", out var tokens))
            response["max_output_tokens"] = tokens;
        BetaItem.AllToGa(response["input"]);
        return BetaSession.ToGaOutput(response, "response");
    }

    private static RealtimeError? ToGaItem(JsonObject root)
    {
        BetaItem.ToGa(root["item"]);
        return null;
    }

    private static bool IsTranscriptionUpdate(ReadOnlySpan<byte> utf8Json) =>
        RenamedEvent.TryFindType(utf8Json, out int start, out int length) && utf8Json.Slice(start, length).SequenceEqual(TranscriptionUpdate);
}
