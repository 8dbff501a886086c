using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Text.Json;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Remote;

/// <summary>Reads what went wrong with a server out of what its client threw.</summary>
internal static class RemoteError
{
    private const int MaxMessage = 300;

    /// <summary>The error to tell.</summary>
    /// <param name="exception">What the client threw.</param>
    /// <param name="service">Which service.</param>
    /// <param name="key">The key, which some servers repeat in their complaints.</param>
    public static ModelServiceException Of(Exception exception, string service, string key)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is ClientResultException { Status: > 0 } answer)
                return Of(answer, service, key);
        }

        return exception.GetBaseException() is HttpRequestException or System.Net.Sockets.SocketException or IOException or OperationCanceledException || exception is ClientResultException
            ? new ModelServiceException(service, "unreachable", $"The server for {service} cannot be reached, or broke off.", exception)
            : new ModelServiceException(service, "bad_response", $"The server for {service} answered with something that is not an answer.", exception);
    }

    /// <summary>The error to tell, from what stands in an answer that had begun well.</summary>
    /// <param name="error">The value of <c>error</c>, JSON.</param>
    /// <param name="service">Which service.</param>
    /// <param name="key">The key, as above.</param>
    public static ModelServiceException Of(ReadOnlyMemory<byte> error, string service, string key)
    {
        var (code, message) = Read(() => error, Told);
        return new ModelServiceException(service, code ?? "model_error", Clean(message, key) ?? $"The server for {service} broke off its answer.");
    }

    private static ModelServiceException Of(ClientResultException exception, string service, string key)
    {
        var response = exception.GetRawResponse();
        var (code, message) = Body(response);
        int status = exception.Status;
        return new ModelServiceException(service,
            code ?? (status == 429 ? "rate_limit_exceeded" : string.Create(CultureInfo.InvariantCulture, $"http_{status}")),
            status is 401 or 403 ? $"The server for {service} refused the key." : Clean(message, key) ?? $"The server for {service} answered with status {status}.",
            exception)
        {
            Status = status,
            RetryAfter = RetryAfter(response),
        };
    }

    /// <summary>Code and message of an answer that tells of a problem: OpenAI's form, {"error":{"code","type","message"}}, and what others make of it: {"error":"…"}, {"message":"…"}, {"detail":"…"}.</summary>
    public static (string? Code, string? Message) Read(ReadOnlyMemory<byte> body) => Read(() => body, Problem);

    private static (string? Code, string? Message) Body(PipelineResponse? response) => response is null ? default : Read(() => response.Content.ToMemory(), Problem);

    private static (string? Code, string? Message) Problem(JsonElement root) =>
        root.ValueKind != JsonValueKind.Object ? default
        : root.TryGetProperty("error", out var error) ? Told(error)
        : (Text(root, "code"), Text(root, "message") ?? Text(root, "detail"));

    private static (string? Code, string? Message) Told(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.Object => (Text(error, "code") ?? Text(error, "type"), Text(error, "message")),
        JsonValueKind.String => (null, error.GetString()),
        _ => default,
    };

    private static (string? Code, string? Message) Read(Func<ReadOnlyMemory<byte>> json, Func<JsonElement, (string? Code, string? Message)> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json());
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return default; // a page of a proxy, say, or a body that was not read
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static string? Clean(string? message, string key)
    {
        if (string.IsNullOrWhiteSpace(message))
            return null;
        if (key.Length > 0)
            message = message.Replace(key, "***", StringComparison.Ordinal);
        return message.Length <= MaxMessage ? message : message[..(char.IsHighSurrogate(message[MaxMessage - 1]) ? MaxMessage - 1 : MaxMessage)] + "…";
    }

    private static TimeSpan? RetryAfter(PipelineResponse? response) =>
        response is not null && response.Headers.TryGetValue("Retry-After", out string? value) && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
