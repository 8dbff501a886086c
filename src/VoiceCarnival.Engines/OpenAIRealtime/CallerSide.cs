using System.Text.Json.Nodes;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>The caller as a relay sees it: beside what the service says it hears what the relay itself has to say, and one end. The relay's lock guards it.</summary>
internal sealed class CallerSide(IVoiceEngineOutput output)
{
    /// <summary>Nothing is said any more.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>An event of the service.</summary>
    /// <returns>False when the caller's line is full.</returns>
    public bool Pass(string type, ReadOnlySpan<byte> utf8Json) => output.OnEvent(type, type == ServerEventTypes.Error ? KeyText.Hide(utf8Json) : utf8Json);

    /// <summary>A piece of audio.</summary>
    /// <returns>As for <see cref="Pass"/>.</returns>
    public bool Play(in EngineAudio audio) => output.OnAudio(audio);

    /// <summary>An event of the relay's own.</summary>
    public void Tell(string type, JsonObject e)
    {
        e["type"] = type;
        e["event_id"] = RealtimeIds.New("event");
        output.OnEvent(type, EventJson.Bytes(e));
    }

    /// <summary>An <c>error</c> event of the relay's own.</summary>
    /// <param name="error">What it says.</param>
    /// <param name="about">The caller's event that it answers; empty for none.</param>
    public void TellError(RealtimeError error, ReadOnlySpan<byte> about = default) => Tell(ServerEventTypes.Error, new JsonObject
    {
        ["error"] = new JsonObject
        {
            ["type"] = error.Type,
            ["code"] = error.Code,
            ["message"] = error.Message,
            ["param"] = error.Param,
            ["event_id"] = about.IsEmpty ? null : EventJson.Parse(about)?["event_id"]?.DeepClone(),
        },
    });

    /// <summary>The relay is over; only the first call counts.</summary>
    public void End(SessionTermination termination)
    {
        if (IsEnded)
            return;
        IsEnded = true;
        output.OnEnded(termination);
    }

    /// <summary>The session ends without a word: whoever ends it tells.</summary>
    public void Leave() => IsEnded = true;
}
