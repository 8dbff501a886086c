namespace VoiceCarnival.Audio.Speech;

/// <summary>
/// A recogniser, a synthesiser or a language model failed, near or far. Message and code are the service's own words where it had any, fit to be told to the caller: shortened, and without secrets.
/// </summary>
/// <param name="service">Which service: <c>speech recognition</c>, <c>speech synthesis</c> or <c>chat</c>.</param>
/// <param name="code">What went wrong, in the form of OpenAI's error codes: <c>timeout</c>, <c>rate_limit_exceeded</c>, <c>language_unsupported</c>, …</param>
/// <param name="message">What went wrong, as a sentence.</param>
/// <param name="inner">The cause, for the log.</param>
public sealed class ModelServiceException(string service, string code, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Names of the services.</summary>
    public const string Recognition = "speech recognition", Synthesis = "speech synthesis", Chat = "chat";

    /// <summary>Which service.</summary>
    public string Service { get; } = service;

    /// <summary>What went wrong, in the form of OpenAI's error codes.</summary>
    public string Code { get; } = code;

    /// <summary>HTTP status of the answer; null where there was none.</summary>
    public int? Status { get; init; }

    /// <summary>When the service wants to be asked again; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
