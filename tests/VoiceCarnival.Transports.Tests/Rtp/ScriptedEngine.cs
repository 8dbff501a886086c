using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>An engine that says what the test tells it to, and keeps what it hears.</summary>
internal sealed class ScriptedEngine : IVoiceEngine, IVoiceEngineSession
{
    private IVoiceEngineOutput? _output;

    public string Name => "scripted";

    /// <summary>Audio, in the session's input format.</summary>
    public List<byte> Heard { get; } = [];

    /// <summary>Keep what is heard; off where only allocations count.</summary>
    public bool Keeps { get; set; } = true;

    public List<(ClientEventKind Kind, JsonElement Json)> Events { get; } = [];

    public int Resumed { get; private set; }

    /// <summary>What sending audio waits for.</summary>
    public Task? Busy { get; set; }

    public EngineDescription Describe() => new("model", ["model"], ["voice"], "Scripted.");

    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(EngineHealth.Healthy);

    public SessionPreview Preview(JsonElement session) => new("{}"u8.ToArray(), null);

    public ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken)
    {
        _output = output;
        return new(EngineOpening.Of(this));
    }

    public void Start() => Say(ServerEventTypes.SessionCreated, """{"session":{"type":"realtime"}}""");

    /// <summary>Says an event; the type is added.</summary>
    public bool Say(string type, string fields = "{}") =>
        _output!.OnEvent(type, Encoding.UTF8.GetBytes($$"""{"type":"{{type}}",{{fields.TrimStart('{').Trim()}}""".Replace(",}", "}", StringComparison.Ordinal)));

    /// <summary>Says a piece of audio.</summary>
    public bool Play(OutputAudioItem item, long offset, ReadOnlySpan<byte> bytes) =>
        _output!.OnAudio(new EngineAudio { Item = item, SampleOffset = offset, SampleCount = bytes.Length / (item.Format == "audio/pcm" ? 2 : 1), Payload = bytes });

    /// <summary>Says a piece of audio as a relay does.</summary>
    public bool PlayEvent(OutputAudioItem item, long offset, ReadOnlySpan<byte> bytes, bool withBase64)
    {
        string base64 = Convert.ToBase64String(bytes);
        byte[] json = Encoding.UTF8.GetBytes($$"""{"type":"response.output_audio.delta","item_id":"{{item.ItemId}}","response_id":"{{item.ResponseId}}","output_index":0,"content_index":0,"delta":"{{base64}}"}""");
        return _output!.OnAudio(new EngineAudio
        {
            Item = item,
            SampleOffset = offset,
            SampleCount = bytes.Length / 2,
            Event = json,
            Base64 = withBase64 ? Encoding.UTF8.GetBytes(base64) : default,
        });
    }

    public void End(SessionTermination termination) => _output!.OnEnded(termination);

    public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        Events.Add((kind, JsonDocument.Parse(utf8Json.ToArray()).RootElement));
        return ValueTask.CompletedTask;
    }

    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
    {
        if (Keeps)
            Heard.AddRange(audio.Span);
        return Busy is { IsCompleted: false } busy ? new ValueTask(busy) : ValueTask.CompletedTask;
    }

    public void ResumeOutput() => Resumed++;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
