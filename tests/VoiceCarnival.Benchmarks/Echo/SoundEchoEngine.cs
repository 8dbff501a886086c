using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Benchmarks.Echo;

/// <summary>
/// Says each sound back from its first loud piece on, as an answer of its own, and answers every event. As an agent's, an answer begins with nothing before it in the queue; an
/// endless one would keep each hiccup of the machine as delay for ever, since it is never heard faster than it is said.
/// </summary>
internal sealed class SoundEchoEngine : IVoiceEngine
{
    private readonly List<long> _sounds = [];

    public string Name => "sound-echo";

    public EngineDescription Describe() => new("echo", ["echo"], ["echo"], "Says every sound back.");

    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => new(EngineHealth.Healthy);

    public SessionPreview Preview(JsonElement session) => new("{}"u8.ToArray(), null);

    public ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken) =>
        new(EngineOpening.Of(new Echo(this, output)));

    /// <summary>When each sound came to the engine, milliseconds since 1970.</summary>
    public double[] Sounds()
    {
        lock (_sounds)
            return [.. _sounds.Select(ticks => (ticks - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerMillisecond)];
    }

    private void Heard()
    {
        lock (_sounds)
            _sounds.Add(DateTime.UtcNow.Ticks);
    }

    private sealed class Echo(SoundEchoEngine engine, IVoiceEngineOutput output) : IVoiceEngineSession
    {
        private const int Loud = 300;
        private const int QuietPieces = 10;
        private OutputAudioItem? _item;
        private uint _ordinal;
        private long _offset;
        private int _quiet;

        public void Start() => output.OnEvent(ServerEventTypes.SessionCreated, """{"type":"session.created","session":{"type":"realtime"}}"""u8);

        public ValueTask SendEventAsync(ClientEventKind kind, ReadOnlyMemory<byte> utf8Json, CancellationToken cancellationToken)
        {
            output.OnEvent(ServerEventTypes.RateLimitsUpdated, """{"type":"rate_limits.updated","rate_limits":[]}"""u8);
            return ValueTask.CompletedTask;
        }

        public ValueTask SendAudioAsync(ReadOnlyMemory<byte> audio, CancellationToken cancellationToken)
        {
            bool isLoud = MemoryMarshal.Cast<byte, short>(audio.Span).ContainsAnyExceptInRange((short)-Loud, (short)Loud);
            _quiet = isLoud ? 0 : _quiet + 1;
            if (isLoud && _item is null)
                Begin();
            if (_item is null)
                return ValueTask.CompletedTask;
            output.OnAudio(new EngineAudio { Item = _item, SampleOffset = _offset, SampleCount = audio.Length / 2, Payload = audio.Span });
            _offset += audio.Length / 2;
            if (_quiet == QuietPieces)
                End();
            return ValueTask.CompletedTask;
        }

        public void ResumeOutput()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Begin()
        {
            engine.Heard();
            _ordinal++;
            _offset = 0;
            _item = new OutputAudioItem
            {
                Ordinal = _ordinal,
                ItemId = $"item_{_ordinal}",
                ResponseId = $"resp_{_ordinal}",
                OutputIndex = 0,
                ContentIndex = 0,
                Format = "audio/pcm",
                SampleRate = 24_000,
            };
        }

        private void End()
        {
            output.OnEvent(ServerEventTypes.ResponseDone, Encoding.UTF8.GetBytes($$$"""{"type":"response.done","response":{"id":"{{{_item!.ResponseId}}}","conversation_id":"conv_1"}}"""));
            _item = null;
        }
    }
}
