using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>The service's refusals, told to our caller as what they are: its status, its own error, its <c>Retry-After</c>; never a part of a key.</summary>
internal static class UpstreamError
{
    public static SessionRefusal Refusal(HttpStatusCode code, TimeSpan? retryAfter, ReadOnlyMemory<byte> body)
    {
        int status = (int)code is >= 400 and < 600 ? (int)code : 502;
        var error = new RealtimeError(status >= 500 ? RealtimeError.ServerError : RealtimeError.InvalidRequest, "upstream_refused",
            $"The service behind this server refused with HTTP {(int)code}.");
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var told) && told.ValueKind == JsonValueKind.Object)
                error = Of(told, error);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Some proxy's page; our own words will do.
        }

        return new SessionRefusal(status, error, retryAfter);
    }

    /// <summary>What an <c>error</c> event says, when it answers an event of ours, or does not say which it answers; else null.</summary>
    /// <param name="eventId">The id of our event.</param>
    /// <param name="utf8Json">The error event.</param>
    /// <param name="hasBegun">False while the service has not begun the session: then an error that names no event is about that.</param>
    public static RealtimeError? Answering(string eventId, ReadOnlySpan<byte> utf8Json, bool hasBegun)
    {
        var unknown = new RealtimeError(RealtimeError.ServerError, "upstream_refused", "The service behind this server refused the fields that the session begins with.");
        if (EventJson.Parse(utf8Json)?["error"] is not JsonObject told)
            return unknown;
        var error = told.Deserialize<JsonElement>();
        return (Text(error, "event_id") ?? (hasBegun ? eventId : null)) == eventId ? Of(error, unknown) : null;
    }

    /// <summary>What an <c>error</c> event says; null when it is none.</summary>
    public static RealtimeError? Read(ReadOnlySpan<byte> utf8Json) => EventJson.Parse(utf8Json)?["error"] is JsonObject told
        ? Of(told.Deserialize<JsonElement>(), new RealtimeError(RealtimeError.ServerError, "upstream_refused", "The service behind this server refused."))
        : null;

    /// <summary>Nobody answers there.</summary>
    public static SessionRefusal Unreachable(string authority) => new(503, new RealtimeError(RealtimeError.ServerError, "upstream_unreachable",
        $"The service at {authority} cannot be reached now. Try again shortly."), TimeSpan.FromSeconds(2));

    /// <summary>It answers with something that we cannot use.</summary>
    /// <param name="authority">Who answers.</param>
    /// <param name="wanted">What it should have been.</param>
    public static SessionRefusal Unknown(string authority, string wanted) => new(502, new RealtimeError(RealtimeError.ServerError, "upstream_answer_unknown",
        $"The service at {authority} answered with something that is not {wanted}."));

    private static RealtimeError Of(JsonElement told, RealtimeError otherwise) =>
        new(Text(told, "type") ?? otherwise.Type, Text(told, "code") ?? otherwise.Code, KeyText.Hide(Text(told, "message") ?? otherwise.Message), Text(told, "param"));

    private static string? Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
