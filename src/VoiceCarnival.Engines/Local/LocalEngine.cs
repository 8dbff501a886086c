using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Local;

/// <summary>Answers within this process: no key, no network. Speaks the Realtime GA protocol as OpenAI's service does.</summary>
public sealed class LocalEngine : IVoiceEngine
{
    /// <summary>The model name used when the caller names none. Any other name is accepted and echoed, so that clients need no change, but those of <see cref="LocalEngineOptions.TranscriptionModels"/>.</summary>
    public const string DefaultModel = "voicecarnival-local";

    /// <summary>OpenAI's voices; the local engine has none of its own and takes the same names.</summary>
    internal static readonly string[] Voices = ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"];

    private readonly LocalEngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LocalEngineSession> _logger;
    private readonly LocalServices _services;
    private readonly IVoiceActivityDetectorFactory? _detectors;
    private readonly CompiledScript? _script;
    private readonly BrainChoice _brains;
    private int _connections;

    /// <summary>Creates the engine; the script, if any, was checked when the settings were. What <paramref name="services"/> lack, it does without.</summary>
    public LocalEngine(IOptions<LocalEngineOptions> options, TimeProvider time, ILogger<LocalEngineSession> logger, LocalServices? services = null, ScriptSource? scripts = null)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        _services = services ?? new LocalServices();
        _detectors = _options.VoiceActivity == "energy" ? null : _services.Detectors;
        if (_options.Brain == "script")
            _script = (scripts ?? new ScriptSource()).Load(_options.Script!, []);
        _brains = new BrainChoice(_options, _script, _services.Chat, _services.Recogniser is not null, time, logger);
    }

    /// <inheritdoc/>
    public string Name => "local";

    /// <inheritdoc/>
    public EngineDescription Describe() => new(
        DefaultModel, _brains.Models, Voices, $"{_brains.Describe()} {WhereItGoes()}", _options.Brain, _services.States, _brains.Names, IsEmbedded: true);

    // A script hears and speaks without any service; only a chat asks the language model.
    private string WhereItGoes() => _options.Brain != "script" && _services.States is { } used
        && (used.Recognition.IsRemote || used.Synthesis.IsRemote || (used.Chat.IsRemote && _options.Brain == "chat"))
        ? "What is said goes to services elsewhere that its operator chose." : "Nothing leaves this machine.";

    /// <inheritdoc/>
    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => ValueTask.FromResult(EngineHealth.Healthy);

    /// <inheritdoc/>
    public SessionPreview Preview(JsonElement session)
    {
        var problem = new EventProblem();
        if (session.ValueKind != JsonValueKind.Undefined && !JsonText.IsUnicode(JsonMarshal.GetRawUtf8Value(session)))
            return new SessionPreview(default, RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, "The session holds text that is not valid Unicode.", "session"));
        string type = session.ValueKind == JsonValueKind.Object && session.TryGetProperty("type", out var t) && t.ValueKind == JsonValueKind.String && t.ValueEquals("transcription") ? "transcription" : "realtime";
        var merged = Merge(Defaults(RealtimeIds.New("sess"), type, DefaultModel, 0), session, problem);
        if (problem.Error is not null)
            return new SessionPreview(default, problem.Error);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        RealtimeSessionWriter.Write(writer, merged);
        writer.Flush();
        return new SessionPreview(buffer.WrittenMemory, null);
    }

    /// <inheritdoc/>
    public async ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken)
    {
        if (_script is { } script)
        {
            int connection = Interlocked.Increment(ref _connections) - 1;
            if (connection < script.Document.Connect.Count)
                return Refusal(script.Document.Connect[connection]);
            if (script.Document.StartDelayMs > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(script.Document.StartDelayMs), _time, cancellationToken);
        }

        var life = _script?.Document.ExpireAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : request.MaxDuration;
        var problem = new EventProblem();
        var session = Defaults(request.SessionId, request.Type, request.Model ?? DefaultModel, (_time.GetUtcNow() + life).ToUnixTimeSeconds());
        session = Merge(session, request.InitialSession, problem);
        if (problem.Error is { } error)
            return new SessionRefusal(400, error);
        if (session.Type != "transcription" && _options.TranscriptionModels.Contains(session.Model, StringComparer.Ordinal))
        {
            return new SessionRefusal(400, RealtimeError.Invalid(SessionRefusal.InvalidModel,
                $"The model '{EventFields.Shorten(session.Model)}' only transcribes. Connect with intent=transcription and name it in audio.input.transcription.model, or name a model that speaks.", "model"));
        }

        if (_brains.NameFor(session.Model, request.Brain) is not { } brain)
        {
            return new SessionRefusal(400, RealtimeError.Invalid("invalid_brain",
                $"There is no brain '{EventFields.Shorten(request.Brain!)}' on this server. {(request.Brain == "chat" ? "'chat' needs a language model: VoiceCarnival:Local:ChatModel." : "There are " + string.Join(", ", _brains.Names ?? []) + ".")}"));
        }

        return EngineOpening.Of(new LocalEngineSession(thread => new DialogueSetup
        {
            Session = session,
            Brain = _brains.Create(brain, thread),
            Voice = _brains.Speaks(brain) && _services.Voice is { } voice ? new TextToSpeechVoice(voice, thread, _logger) : null,
            Recognizer = brain != "script" && _services.Recogniser is { } recogniser ? new SpeechToTextRecognizer(recogniser, thread, _logger) : null,
            NoRecognizerReason = brain == "script" ? null : _services.States?.Recognition.Reason,
            Options = _options,
            Pace = Pace(),
            CreateDetector = format => _detectors?.Create(format.SampleRate) ?? new EnergyVoiceActivityDetector(format.SampleRate),
            CreateSuppressor = _services.Suppressors is { } suppressors ? format => suppressors.Create(format.SampleRate) : null,
            ExpiresAt = life,
            ModelIsFixed = request.Model is not null,
            Seed = _script?.Document.Seed ?? 0,
            Timeline = _script is { Timeline.Count: > 0 } ? new ScriptTimeline(_script.Timeline) : null,
        }, output, _time, _logger));
    }

    private static RealtimeSession Defaults(string id, string type, string model, long expiresAt) =>
        new() { Id = id, Type = type, Model = model, ExpiresAt = expiresAt };

    private static RealtimeSession Merge(RealtimeSession session, JsonElement fields, EventProblem problem)
    {
        var merged = fields.ValueKind == JsonValueKind.Undefined ? session : RealtimeSessionReader.Merge(session, fields, modelIsFixed: false, typeIsRequired: false, problem);
        CheckVoice(merged.Output, problem);
        return merged;
    }

    /// <summary>Reports a voice that there is not, as the service does. A voice of one's own, <c>{id}</c>, may be any.</summary>
    internal static void CheckVoice(AudioOutputSettings output, EventProblem problem, string path = "session")
    {
        if (!output.IsCustomVoice && !Voices.Contains(output.Voice, StringComparer.Ordinal))
        {
            problem.Report(RealtimeErrorCodes.InvalidValue,
                $"Invalid value: '{EventFields.Shorten(output.Voice)}'. Supported values are: {string.Join(", ", Voices.Select(voice => $"'{voice}'"))}.", path + ".audio.output.voice");
        }
    }

    private OutputPace Pace()
    {
        var pace = OutputPace.From(_options);
        if (_script?.Document.Pace is not { } script)
            return pace;
        return new OutputPace(
            Math.Clamp(script.Speed ?? pace.Speed, 0.01, 1000),
            script.LeadMs is { } lead ? TimeSpan.FromMilliseconds(Math.Max(0, lead)) : pace.Lead,
            script.DeltaMs is { } delta ? TimeSpan.FromMilliseconds(Math.Clamp(delta, 1, 10_000)) : pace.Delta,
            Math.Max(1, script.Burst ?? pace.Burst),
            TimeSpan.FromMilliseconds(Math.Max(0, script.JitterMs)));
    }

    private static SessionRefusal Refusal(ScriptRefusal refusal) => new(
        refusal.Status,
        new RealtimeError(refusal.Status == 429 ? "rate_limit_error" : refusal.Status >= 500 ? RealtimeError.ServerError : RealtimeError.InvalidRequest, refusal.Code, refusal.Message),
        refusal.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
}
