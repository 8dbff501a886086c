namespace VoiceCarnival.Sessions;

/// <summary>Where an engine session puts what it says. Calls come one at a time and must not block.</summary>
public interface IVoiceEngineOutput
{
    /// <summary>One GA server event. <paramref name="utf8Json"/> is valid during the call only.</summary>
    /// <returns>False when the engine should hold further audio until <see cref="IVoiceEngineSession.ResumeOutput"/>; the event itself was taken.</returns>
    bool OnEvent(string type, ReadOnlySpan<byte> utf8Json);

    /// <summary>A piece of output audio. Its memory is valid during the call only.</summary>
    /// <returns>False when the engine should hold further audio until <see cref="IVoiceEngineSession.ResumeOutput"/>; this piece was taken.</returns>
    bool OnAudio(in EngineAudio audio);

    /// <summary>How long an answer took to be heard, from an engine that can tell; right before its first audio.</summary>
    void OnTurnMeasured(TurnLatency latency)
    {
    }

    /// <summary>The engine has ended the conversation; nothing follows.</summary>
    void OnEnded(SessionTermination termination);
}
