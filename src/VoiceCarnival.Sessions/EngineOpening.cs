namespace VoiceCarnival.Sessions;

/// <summary>Outcome of <see cref="IVoiceEngine.OpenAsync"/>: a session or a refusal, never both.</summary>
public readonly record struct EngineOpening(IVoiceEngineSession? Session, SessionRefusal? Refusal)
{
    /// <summary>The engine would not open one.</summary>
    public static implicit operator EngineOpening(SessionRefusal refusal) => new(null, refusal);

    /// <summary>The conversation is open.</summary>
    public static EngineOpening Of(IVoiceEngineSession session) => new(session, null);
}
