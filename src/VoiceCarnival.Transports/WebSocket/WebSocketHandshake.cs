using Microsoft.AspNetCore.Http;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.WebSocket;

/// <summary>What the opening request asks for: query, subprotocols, dialect (reference, sections 1.1 and 1.2).</summary>
internal sealed record WebSocketHandshake
{
    public const string RealtimeProtocol = "realtime";
    public const string BinaryAudioProtocol = "voicecarnival.pcm16";
    private const string BetaProtocol = "openai-beta.realtime-v1";
    private const int LongestName = 256;
    private static readonly string[] Preferred = [BinaryAudioProtocol, RealtimeProtocol, BetaProtocol];

    /// <summary>The subprotocol to select; null when the caller offered none that we speak.</summary>
    public string? Subprotocol { get; private init; }

    /// <summary>Audio travels as binary frames, and our own events are understood.</summary>
    public bool BinaryAudio => Subprotocol == BinaryAudioProtocol;

    /// <summary>The caller speaks the beta shape of the protocol: header <c>OpenAI-Beta: realtime=v1</c>, or the subprotocol that browsers send in its place.</summary>
    public bool IsBeta { get; private init; }

    /// <summary>The model asked for.</summary>
    public string? Model { get; private init; }

    /// <summary><c>realtime</c> or <c>transcription</c>.</summary>
    public string SessionType { get; private init; } = "realtime";

    /// <summary>Token of a session to come back to.</summary>
    public string? ResumeToken { get; private init; }

    /// <summary>What is wrong with the request in a way that OpenAI tells over the open socket: an error event, then close 4000.</summary>
    public RealtimeError? Error { get; private init; }

    /// <summary>The call to listen in on, <c>rtc_…</c>.</summary>
    public string? CallId { get; private init; }

    /// <param name="request">The opening request.</param>
    /// <param name="betaOptions">How callers of the beta shape are served.</param>
    public static WebSocketHandshake Read(HttpRequest request, BetaOptions betaOptions)
    {
        var offered = request.HttpContext.WebSockets.WebSocketRequestedProtocols;
        string? intent = Query(request, "intent");
        string? callId = Query(request, "call_id");
        string? model = Query(request, "model") ?? Query(request, "deployment"); // as Azure calls it
        bool beta = request.Headers["OpenAI-Beta"].ToString().Contains("realtime=v1", StringComparison.OrdinalIgnoreCase)
            || offered.Contains(BetaProtocol);
        return new WebSocketHandshake
        {
            Subprotocol = Array.Find(Preferred, offered.Contains),
            IsBeta = beta && betaOptions.Enabled,
            Model = beta && betaOptions.Enabled ? betaOptions.ModelFor(model) : model,
            SessionType = intent == "transcription" ? "transcription" : "realtime",
            ResumeToken = Query(request, "resume"),
            CallId = callId,
            Error = beta && !betaOptions.Enabled
                ? RealtimeError.Invalid(RealtimeErrorCodes.BetaApiShapeDisabled, "The Realtime beta API is no longer supported. Use the GA API: leave out the OpenAI-Beta header and send GA events.")
                : intent is not (null or "transcription" or "conversation")
                    ? RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, "Invalid value for 'intent'. Supported values are: 'transcription'.", "intent")
                    : FindOddName(request),
        };
    }

    // What is logged, compared with the policy and sent on has to be one name.
    private static RealtimeError? FindOddName(HttpRequest request)
    {
        foreach (string name in (ReadOnlySpan<string>)["model", "deployment", "call_id"])
        {
            var given = request.Query[name];
            if (given.Count > 1)
                return RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, $"'{name}' is given {given.Count} times. Give it once.", name);
            string value = given.ToString();
            if (value.Length > LongestName || value.Any(char.IsControl))
                return RealtimeError.Invalid(name is "model" or "deployment" ? "invalid_model" : RealtimeErrorCodes.InvalidValue, $"Invalid value for '{name}': it is longer than {LongestName} characters or has control characters in it.", name);
        }

        return null;
    }

    private static string? Query(HttpRequest request, string name)
    {
        string value = request.Query[name].ToString();
        return value.Length is 0 or > LongestName ? null : value;
    }
}
