using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;

namespace VoiceCarnival.Sessions.Tests;

/// <summary>An engine that says what the test tells it to.</summary>
internal sealed class ScriptedEngine : IVoiceEngine
{
    public string Name => "scripted";

    public Func<SessionRefusal?> Refusal { get; set; } = () => null;

    public List<ScriptedEngineSession> Sessions { get; } = [];

    public List<VoiceSessionRequest> Requests { get; } = [];

    public EngineDescription Describe() => new("model", ["model"], ["voice"], "Scripted.");

    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(EngineHealth.Healthy);

    public SessionPreview Preview(JsonElement session) => new("{}"u8.ToArray(), null);

    public ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        if (Refusal() is { } refusal)
            return new(refusal);
        var session = new ScriptedEngineSession(output);
        Sessions.Add(session);
        return new(EngineOpening.Of(session));
    }
}

internal sealed class ScriptedEngineSession(IVoiceEngineOutput output) : IVoiceEngineSession
{
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Started { get; private set; }

    public int OutputResumed { get; private set; }

    public List<(ClientEventKind Kind, string Json)> Events { get; } = [];

    public long AudioBytes { get; private set; }

    public Task Disposed => _disposed.Task;

    public void Start() => Started = true;

    public bool Say(string type, string? json = null) => output.OnEvent(type, Encoding.UTF8.GetBytes(json ?? $$"""{"type":"{{type}}"}"""));

    public bool Play(OutputAudioItem item, long offset, int samples) =>
        output.OnAudio(new EngineAudio { Item = item, SampleOffset = offset, SampleCount = samples, Payload = new byte[samples * 2] });

    public void Measure(TurnLatency latency) => output.OnTurnMeasured(latency);

    public void End(SessionTermination termination) => output.OnEnded(termination);

    public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
    {
        Events.Add((kind, Encoding.UTF8.GetString(utf8Json.Span)));
        return ValueTask.CompletedTask;
    }

    public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
    {
        AudioBytes += audio.Length;
        return ValueTask.CompletedTask;
    }

    public void ResumeOutput() => OutputResumed++;

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
