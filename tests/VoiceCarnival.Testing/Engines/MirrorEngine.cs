using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Testing.Engines;

/// <summary>Says every piece of audio back at once, as one endless item, and every event under another name: what is left is the way through the call.</summary>
public sealed class MirrorEngine : IVoiceEngine
{
    /// <summary>What the events that come back are called.</summary>
    public const string Answer = ServerEventTypes.RateLimitsUpdated;

    /// <inheritdoc/>
    public string Name => "mirror";

    /// <inheritdoc/>
    public EngineDescription Describe() => new("model", ["model"], ["voice"], "Says everything back.");

    /// <inheritdoc/>
    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(EngineHealth.Healthy);

    /// <inheritdoc/>
    public SessionPreview Preview(JsonElement session) => new("{}"u8.ToArray(), null);

    /// <inheritdoc/>
    public ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken) => new(EngineOpening.Of(new Mirror(output)));

    private sealed class Mirror(IVoiceEngineOutput output) : IVoiceEngineSession
    {
        private readonly OutputAudioItem _item = new()
        {
            Ordinal = 1,
            ItemId = "item_1",
            ResponseId = "resp_1",
            OutputIndex = 0,
            ContentIndex = 0,
            Format = "audio/pcm",
            SampleRate = 24_000,
        };

        private long _offset;

        public void Start() => output.OnEvent(ServerEventTypes.SessionCreated, """{"type":"session.created","session":{"type":"realtime"}}"""u8);

        public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
        {
            string text = Encoding.UTF8.GetString(utf8Json.Span).Replace(ClientEventTypes.SessionUpdate, Answer, StringComparison.Ordinal);
            output.OnEvent(Answer, Encoding.UTF8.GetBytes(text));
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
