using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Calls;

/// <summary>
/// Whether a caller is still there whose media pass us by, by the engine's events. A conversation that goes on shows it, unless what set it going was a prompt to a caller
/// who said nothing: then only what the caller does counts. Calls come one at a time.
/// </summary>
internal sealed class CallerPresence
{
    private bool _commitsByItself;

    /// <summary>The caller was spoken to because nothing came from it; so far it has not answered.</summary>
    public bool IsPrompted { get; set; }

    /// <summary>True when an event is a sign of life.</summary>
    public bool ShowsIn(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (type == ServerEventTypes.BufferTimeoutTriggered)
            IsPrompted = _commitsByItself = true;
        else if (IsOfCaller(type, utf8Json))
            IsPrompted = false;
        return !IsPrompted;
    }

    private bool IsOfCaller(string type, ReadOnlySpan<byte> utf8Json)
    {
        switch (type)
        {
            case ServerEventTypes.SpeechStarted or ServerEventTypes.SpeechStopped or ServerEventTypes.DtmfReceived:
                return true;
            case ServerEventTypes.BufferCommitted: // push-to-talk, unless the engine's own timeout did it
                bool isCallers = !_commitsByItself;
                _commitsByItself = false;
                return isCallers;
            case ServerEventTypes.ItemAdded: // typed, or a tool's result
                return utf8Json.IndexOf("\"input_text\""u8) >= 0 || utf8Json.IndexOf("\"function_call_output\""u8) >= 0;
            default:
                return false;
        }
    }
}
