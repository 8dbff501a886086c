namespace VoiceCarnival.Sessions;

/// <summary>Takes a piece of the engine's audio.</summary>
public delegate void EngineAudioSink(in EngineAudio audio);

/// <summary>Takes an event for the caller.</summary>
public delegate void ServerEventSink(string type, ReadOnlySpan<byte> utf8Json);

/// <summary>
/// One live attachment of a caller to a session over some transport. The session writes; the transport's own code carries. No member blocks or
/// throws: a connection that cannot take more says so, and one that is broken drops what it gets.
/// </summary>
public abstract class VoiceConnection
{
    /// <summary>Transport name for logs and metrics, such as <c>websocket</c>.</summary>
    public abstract string Transport { get; }

    /// <summary>True when the caller asked for our own events beside OpenAI's.</summary>
    public virtual bool UnderstandsExtensions => false;

    /// <summary>True when the media pass us by, so that what the caller does shows in the engine's events only.</summary>
    public virtual bool IsElsewhere => false;

    /// <summary>How the media of a call are doing; null for a connection that plays nothing itself.</summary>
    public virtual MediaStatistics? Media => null;

    /// <summary>Queues one server event; the bytes are copied.</summary>
    /// <returns>False when the queue is past its soft limit: hold audio until <see cref="VoiceSession.ResumeOutput"/> is called.</returns>
    public abstract bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json);

    /// <summary>Queues a piece of output audio; the bytes are copied.</summary>
    /// <returns>As for <see cref="WriteEvent"/>.</returns>
    public abstract bool WriteAudio(in EngineAudio audio);

    /// <summary>Ends the connection: what is queued goes out first if it can, then the transport's own form of goodbye.</summary>
    public abstract void Close(SessionTermination termination);

    /// <summary>Hands over what it has taken and the caller has not got, or not heard, in order, when another connection takes its place.</summary>
    /// <param name="events">Takes events. Those whose arrival is uncertain come, too: they have their <c>event_id</c>.</param>
    /// <param name="audio">Takes the engine's audio.</param>
    /// <param name="mayRepeat">Audio whose arrival is uncertain may come, too: the caller plays by its offsets, so that nothing is heard twice.</param>
    public virtual void TakeUndelivered(ServerEventSink events, EngineAudioSink audio, bool mayRepeat)
    {
    }

    /// <summary>Cuts off what is being played: <c>output_audio_buffer.clear</c>.</summary>
    /// <returns>False when this connection has no output buffer: the caller plays the audio itself.</returns>
    public virtual bool ClearOutput() => false;
}
