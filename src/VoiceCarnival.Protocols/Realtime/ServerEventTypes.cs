namespace VoiceCarnival.Protocols.Realtime;

/// <summary>Names of the events that a server sends (Realtime GA), and ours beside them.</summary>
public static class ServerEventTypes
{
#pragma warning disable CS1591 // the names are the documentation
    public const string Error = "error";
    public const string SessionCreated = "session.created";
    public const string SessionUpdated = "session.updated";
    public const string ItemAdded = "conversation.item.added";
    public const string ItemDone = "conversation.item.done";
    public const string ItemRetrieved = "conversation.item.retrieved";
    public const string ItemTruncated = "conversation.item.truncated";
    public const string ItemDeleted = "conversation.item.deleted";
    public const string TranscriptionDelta = "conversation.item.input_audio_transcription.delta";
    public const string TranscriptionCompleted = "conversation.item.input_audio_transcription.completed";
    public const string TranscriptionFailed = "conversation.item.input_audio_transcription.failed";
    public const string SpeechStarted = "input_audio_buffer.speech_started";
    public const string SpeechStopped = "input_audio_buffer.speech_stopped";
    public const string BufferCommitted = "input_audio_buffer.committed";
    public const string BufferCleared = "input_audio_buffer.cleared";
    public const string BufferTimeoutTriggered = "input_audio_buffer.timeout_triggered";
    public const string DtmfReceived = "input_audio_buffer.dtmf_event_received";
    public const string OutputBufferStarted = "output_audio_buffer.started";
    public const string OutputBufferStopped = "output_audio_buffer.stopped";
    public const string OutputBufferCleared = "output_audio_buffer.cleared";
    public const string ResponseCreated = "response.created";
    public const string ResponseDone = "response.done";
    public const string OutputItemAdded = "response.output_item.added";
    public const string OutputItemDone = "response.output_item.done";
    public const string ContentPartAdded = "response.content_part.added";
    public const string ContentPartDone = "response.content_part.done";
    public const string OutputTextDelta = "response.output_text.delta";
    public const string OutputTextDone = "response.output_text.done";
    public const string OutputAudioDelta = "response.output_audio.delta";
    public const string OutputAudioDone = "response.output_audio.done";
    public const string OutputAudioTranscriptDelta = "response.output_audio_transcript.delta";
    public const string OutputAudioTranscriptDone = "response.output_audio_transcript.done";
    public const string FunctionCallArgumentsDelta = "response.function_call_arguments.delta";
    public const string FunctionCallArgumentsDone = "response.function_call_arguments.done";
    public const string RateLimitsUpdated = "rate_limits.updated";

    // VoiceCarnival's own; sent only to callers that asked for our subprotocol.
    public const string AudioItem = "voicecarnival.audio_item";
    public const string Pong = "voicecarnival.pong";
    public const string TurnLatency = "voicecarnival.turn.latency";
    public const string ResumeToken = "voicecarnival.session.resume_token";
    public const string Resumed = "voicecarnival.session.resumed";

    // Sent to every caller: who is about to be cut off has to know, and clients ignore types that they do not know.
    public const string Expiring = "voicecarnival.session.expiring";
#pragma warning restore CS1591

    /// <summary>Whether an event is about the line that it is sent over, and means nothing on another.</summary>
    public static bool IsOfOneLine(string type) => type is ResumeToken or Resumed or Pong or AudioItem;
}
