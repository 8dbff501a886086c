using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Benchmarks.Media;

/// <summary>Says every piece of audio back at once, as one endless item, and answers every event: what is left is the way through the call.</summary>
internal sealed class FrameEchoEngine : IVoiceEngine
{
    public string Name => "frame-echo";

    public EngineDescription Describe() => new("echo", ["echo"], ["echo"], "Says every frame back.");

    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(EngineHealth.Healthy);

    public SessionPreview Preview(JsonElement session) => new("{}"u8.ToArray(), null);

    public ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken) =>
        new(EngineOpening.Of(new Echo(output)));

    private sealed class Echo(IVoiceEngineOutput output) : IVoiceEngineSession
    {
        private readonly OutputAudioItem _item = new()
        {
            Ordinal = 1,
            ItemId = "item_echo",
            ResponseId = "resp_echo",
            OutputIndex = 0,
            ContentIndex = 0,
            Format = "audio/pcm",
            SampleRate = 24_000,
        };

        private long _offset;

        public void Start() => output.OnEvent(ServerEventTypes.SessionCreated, """{"type":"session.created","session":{"type":"realtime"}}"""u8);

        public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
        {
            output.OnEvent(ServerEventTypes.RateLimitsUpdated, """{"type":"rate_limits.updated","rate_limits":[]}"""u8);
            return ValueTask.CompletedTask;
        }

        public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
        {
            output.OnAudio(new EngineAudio { Item = _item, SampleOffset = _offset, SampleCount = audio.Length / 2, Payload = audio.Span });
            _offset += audio.Length / 2;
            return ValueTask.CompletedTask;
        }

        public void ResumeOutput()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
