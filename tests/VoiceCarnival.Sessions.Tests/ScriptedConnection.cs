using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Sessions.Tests;

/// <summary>A connection that notes what it was given.</summary>
internal sealed class ScriptedConnection(bool understandsExtensions = true) : VoiceConnection
{
    public override string Transport => "scripted";

    public override bool UnderstandsExtensions => understandsExtensions;

    public bool HasRoom { get; set; } = true;

    /// <summary>Event types, and audio as <c>item@offset+samples</c>, in the order of arrival.</summary>
    public List<string> Log { get; } = [];

    public List<string> Json { get; } = [];

    /// <summary>The base64 of audio that came as an upstream's event.</summary>
    public List<string> Base64 { get; } = [];

    /// <summary>Events that it took and of which nobody knows whether they arrived, and whether it was asked for audio of that kind, too.</summary>
    public List<string> Undelivered { get; } = [];

    public bool? MayRepeat { get; private set; }

    public override MediaStatistics? Media => PlaysItself ? new MediaStatistics("opus", 0, 0, 0, 0, null, null, 0, 0, 0) : null;

    public bool PlaysItself { get; init; }

    public SessionTermination? Closed { get; private set; }

    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        Log.Add(type);
        Json.Add(Encoding.UTF8.GetString(utf8Json));
        return HasRoom;
    }

    public override bool WriteAudio(in EngineAudio audio)
    {
        if (!audio.Event.IsEmpty)
            Base64.Add(Encoding.UTF8.GetString(audio.Base64));
        Log.Add($"{audio.Item.ItemId}@{audio.SampleOffset}+{audio.SampleCount}");
        return HasRoom;
    }

    public override void TakeUndelivered(ServerEventSink events, EngineAudioSink audio, bool mayRepeat)
    {
        MayRepeat = mayRepeat;
        foreach (string type in Undelivered)
            events(type, "{}"u8);
        Undelivered.Clear();
    }

    public override bool ClearOutput()
    {
        Log.Add("clear");
        return true;
    }

    public override void Close(SessionTermination termination) => Closed ??= termination;

    public JsonElement Last(string type) =>
        Json.Select(json => JsonDocument.Parse(json).RootElement).Last(e => e.GetProperty("type").GetString() == type);
}
