using System.Text.Json;
using VoiceCarnival.Engines.OpenAIRealtime.Calls;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Engines.OpenAIRealtime.Webhooks;

/// <summary>A phone call that rings at the service, webhook event <c>realtime.call.incoming</c>.</summary>
/// <param name="CallId"><c>rtc_…</c></param>
/// <param name="Headers">Of the INVITE, in order, repeats included. Untrusted.</param>
/// <param name="MediaSecurity"><c>rtp</c>, <c>srtp</c> or unknown.</param>
internal sealed record IncomingCall(string CallId, IReadOnlyList<SipHeader> Headers, string? MediaSecurity)
{
    /// <summary>The event's type.</summary>
    public const string EventType = "realtime.call.incoming";

    private const int MostHeaders = 200;

    /// <summary>The type of a webhook event; null when the body is not one.</summary>
    public static string? TypeOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Text(document.RootElement, "type") : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Reads the event; null when it is not whole.</summary>
    public static IncomingCall? TryRead(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("data", out var data)
                || data.ValueKind != JsonValueKind.Object || Text(data, "call_id") is not { } callId || !VoiceCall.IsId(callId))
            {
                return null;
            }

            return new IncomingCall(callId, [.. HeadersOf(data)], Text(data, "sip_media_security"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<SipHeader> HeadersOf(JsonElement data)
    {
        if (!data.TryGetProperty("sip_headers", out var headers) || headers.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (var header in headers.EnumerateArray().Take(MostHeaders))
        {
            if (header.ValueKind == JsonValueKind.Object && Text(header, "name") is { } name && Text(header, "value") is { } value)
                yield return new SipHeader(name, value);
        }
    }

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
