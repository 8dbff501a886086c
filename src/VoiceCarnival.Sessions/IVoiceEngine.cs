using System.Text.Json;

namespace VoiceCarnival.Sessions;

/// <summary>Who answers: OpenAI Realtime, the local engine. One instance serves all sessions.</summary>
public interface IVoiceEngine
{
    /// <summary>Short stable name for settings, logs and metrics, such as <c>local</c>.</summary>
    string Name { get; }

    /// <summary>What a caller may choose from; cheap, no network.</summary>
    EngineDescription Describe();

    /// <summary>Tells whether a session could start now. Bounded by <paramref name="cancellationToken"/>.</summary>
    ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Checks session fields as a client-secret request carries them (<c>type</c> <c>realtime</c> or <c>transcription</c>, default realtime) and returns the
    /// effective session object with all defaults filled, as <c>client_secrets</c> answers it.
    /// </summary>
    SessionPreview Preview(JsonElement session);

    /// <summary>
    /// Opens one conversation. Nothing reaches <paramref name="output"/> before <see cref="IVoiceEngineSession.Start"/>, so that the caller can be
    /// refused in its transport's own way (an HTTP status, a SIP response) first.
    /// </summary>
    ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken);
}
