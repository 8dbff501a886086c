namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Error codes seen from OpenAI's Realtime service; callers and SDKs switch on them.</summary>
public static class RealtimeErrorCodes
{
    /// <summary>Not JSON, or not an event object.</summary>
    public const string InvalidEvent = "invalid_event";

    /// <summary>The event's or object's type is unknown.</summary>
    public const string InvalidType = "invalid_type";

    /// <summary>A field has a value outside what is allowed.</summary>
    public const string InvalidValue = "invalid_value";

    /// <summary>A required field is absent.</summary>
    public const string MissingRequiredParameter = "missing_required_parameter";

    /// <summary>A field that the event does not have.</summary>
    public const string UnknownParameter = "unknown_parameter";

    /// <summary>A second response was asked for in the default conversation.</summary>
    public const string ConversationAlreadyHasActiveResponse = "conversation_already_has_active_response";

    /// <summary>Cancel with nothing to cancel; benign.</summary>
    public const string ResponseCancelNotActive = "response_cancel_not_active";

    /// <summary>Commit of less than 100 ms of audio.</summary>
    public const string InputAudioBufferCommitEmpty = "input_audio_buffer_commit_empty";

    /// <summary>The session reached its longest allowed life.</summary>
    public const string SessionExpired = "session_expired";

    /// <summary>The key or client secret is wrong or stale.</summary>
    public const string InvalidApiKey = "invalid_api_key";

    /// <summary>The beta wire shape was asked for.</summary>
    public const string BetaApiShapeDisabled = "beta_api_shape_disabled";

    /// <summary>No model was named.</summary>
    public const string MissingModel = "missing_model";

    /// <summary>Too many requests or sessions.</summary>
    public const string RateLimitExceeded = "rate_limit_exceeded";
}
