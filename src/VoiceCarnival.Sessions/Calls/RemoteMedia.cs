using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>The place of a call's media connection when the media pass us by: what the engine says reaches the caller without us.</summary>
/// <param name="transport">How they travel.</param>
/// <param name="warn">Has the caller told, where the media are, that the call must end soon; null when that cannot be done.</param>
public sealed class RemoteMedia(string transport, Action? warn = null) : VoiceConnection
{
    /// <inheritdoc/>
    public override string Transport => transport;

    /// <inheritdoc/>
    public override bool IsElsewhere => true;

    /// <inheritdoc/>
    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        // Not from here: the session's lock is held, and the engine's comes before it.
        if (type == ServerEventTypes.Expiring && warn is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static warn => warn(), warn, preferLocal: false);
        return true;
    }

    /// <inheritdoc/>
    public override bool WriteAudio(in EngineAudio audio) => true;

    /// <inheritdoc/>
    public override void Close(SessionTermination termination)
    {
        // Hanging up is the engine session's part: it ends the conversation where the media are.
    }
}
