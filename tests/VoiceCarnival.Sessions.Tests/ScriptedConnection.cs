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

    public SessionTermination? Closed { get; private set; }

    public override bool WriteEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        Log.Add(type);
        Json.Add(Encoding.UTF8.GetString(utf8Json));
        return HasRoom;
    }

    public override bool WriteAudio(in EngineAudio audio)
    {
        Log.Add($"{audio.Item.ItemId}@{audio.SampleOffset}+{audio.SampleCount}");
        return HasRoom;
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
