namespace VoiceCarnival.Protocols.Realtime;

/// <summary>
/// The error shape that OpenAI uses in <c>error</c> events, failed responses and HTTP bodies (API reference, "Errors").
/// </summary>
/// <param name="Type">Family, such as <c>invalid_request_error</c> or <c>server_error</c>.</param>
/// <param name="Code">Stable machine-readable code, see <see cref="RealtimeErrorCodes"/>.</param>
/// <param name="Message">One or two sentences: what is wrong and what to do.</param>
/// <param name="Param">Dotted path of the offending field, such as <c>session.audio.input.format</c>; null when no single field is to blame.</param>
public sealed record RealtimeError(string Type, string? Code, string Message, string? Param = null)
{
    /// <summary>The caller's request is at fault.</summary>
    public const string InvalidRequest = "invalid_request_error";

    /// <summary>We are at fault, or whoever is behind us.</summary>
    public const string ServerError = "server_error";

    /// <summary>Makes an <c>invalid_request_error</c>.</summary>
    public static RealtimeError Invalid(string code, string message, string? param = null) => new(InvalidRequest, code, message, param);
}
