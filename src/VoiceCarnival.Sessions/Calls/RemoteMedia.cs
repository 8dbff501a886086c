namespace VoiceCarnival.Sessions.Calls;

/// <summary>The place of a call's media connection when the media pass us by: what the engine says reaches the caller without us.</summary>
public sealed class RemoteMedia(string transport) : VoiceConnection
{
    /// <inheritdoc/>
    public override string Transport => transport;

    /// <inheritdoc/>
    public override bool IsElsewhere => true;

    /// <inheritdoc/>
    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json) => true;

    /// <inheritdoc/>
    public override bool WriteAudio(in EngineAudio audio) => true;

    /// <inheritdoc/>
    public override void Close(SessionTermination termination)
    {
        // Hanging up is the engine session's part: it ends the conversation where the media are.
    }
}
