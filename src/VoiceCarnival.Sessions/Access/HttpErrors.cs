using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Access;

/// <summary>Errors over HTTP in OpenAI's shape, <c>{"error":{"message","type","code","param"}}</c>.</summary>
public static class HttpErrors
{
    // Quotes and non-ASCII text stay readable; the body is never HTML, and nosniff says so.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with a refusal. Does nothing when the response has begun.</summary>
    public static Task WriteAsync(HttpContext context, SessionRefusal refusal)
    {
        var response = context.Response;
        if (response.HasStarted)
            return Task.CompletedTask;
        response.StatusCode = refusal.Status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (refusal.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.RetryAfter is { } retryAfter)
            response.Headers.RetryAfter = ((long)Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
        var body = Body(refusal.Error);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <summary>The body alone.</summary>
    public static ReadOnlyMemory<byte> Body(RealtimeError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, Readable);
        writer.WriteStartObject();
        WriteError(writer, error);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Writes the <c>error</c> property into an object that has more to say.</summary>
    public static void WriteError(Utf8JsonWriter writer, RealtimeError error)
    {
        writer.WriteStartObject("error");
        writer.WriteString("message", error.Message);
        writer.WriteString("type", error.Type);
        writer.WriteString("code", error.Code);
        writer.WriteString("param", error.Param);
        writer.WriteEndObject();
    }
}
