using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceCarnival.Engines.OpenAIRealtime.Upstream;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.OpenAIRealtime;

/// <summary>OpenAI's Realtime API, or any server that speaks it, answers; we relay.</summary>
internal sealed class OpenAIRealtimeEngine(IOptions<OpenAIOptions> options, UpstreamConnector connector, OpenAIHealth health, SafetyIdentifier safety, TimeProvider time, ILogger<OpenAIEngineSession> logger) : IVoiceEngine
{
    private static readonly string[] Voices = ["alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"];
    private readonly OpenAIOptions _options = options.Value;
    private readonly ReadAhead _readAhead = new();

    /// <inheritdoc/>
    public string Name => "openai";

    /// <inheritdoc/>
    public EngineDescription Describe() => new(
        _options.Model, [_options.Model, .. _options.Models.Where(model => model != _options.Model)], Voices,
        $"The Realtime API at {new Uri(_options.BaseUrl).Authority} answers. Audio goes there through this server.");

    /// <inheritdoc/>
    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => health.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public SessionPreview Preview(JsonElement session)
    {
        var problem = new EventProblem();
        string type = TypeOf(session) ?? "realtime";
        var defaults = new RealtimeSession { Id = RealtimeIds.New("sess"), Type = type, Model = _options.Model, Output = new AudioOutputSettings { Voice = _options.Voice } };
        var merged = session.ValueKind == JsonValueKind.Undefined ? defaults : RealtimeSessionReader.Merge(defaults, session, modelIsFixed: false, typeIsRequired: false, problem);
        if (problem.Error is { } error)
            return new SessionPreview(default, error);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        RealtimeSessionWriter.Write(writer, merged);
        writer.Flush();
        return new SessionPreview(buffer.WrittenMemory, null);
    }

    /// <inheritdoc/>
    public async ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken)
    {
        string type = TypeOf(request.InitialSession) ?? request.Type;
        string model = Text(request.InitialSession, "model") ?? request.Model ?? _options.Model;
        var session = new OpenAIEngineSession(
            new OpenAISessionSetup
            {
                SessionId = request.SessionId,
                Connector = connector,
                Address = connector.AddressOf(type, model),
                SafetyIdentifier = safety.Of(request.Caller.Name, request.RemoteAddress),
                InitialSession = Initial(type, request.InitialSession),
                GreetingTime = TimeSpan.FromSeconds(_options.ConnectSeconds),
                ReconnectBudget = TimeSpan.FromSeconds(_options.ReconnectSeconds),
                HeldAudioSeconds = _options.HeldAudioSeconds,
                RenewBefore = TimeSpan.FromSeconds(_options.RenewBeforeSeconds),
                ReadAhead = _readAhead,
                Time = time,
            },
            output, logger);
        if (await session.ConnectAsync(cancellationToken) is { } refusal)
        {
            await session.DisposeAsync();
            return refusal;
        }

        return EngineOpening.Of(session);
    }

    // The operator's defaults, and over them what was minted into the caller's secret.
    private JsonObject? Initial(string type, JsonElement bound)
    {
        var initial = new JsonObject { ["type"] = type };
        if (type == "realtime" && _options.Voice.Length > 0)
            initial["audio"] = new JsonObject { ["output"] = new JsonObject { ["voice"] = _options.Voice } };
        if (bound.ValueKind == JsonValueKind.Object && JsonObject.Create(bound) is { } fields)
            EventJson.Merge(initial, fields);
        initial.Remove("model");
        initial["type"] = type;
        return initial.Count > 1 ? initial : null;
    }

    private static string? TypeOf(JsonElement session) => Text(session, "type") is { } type and ("realtime" or "transcription") ? type : null;

    private static string? Text(JsonElement session, string name) =>
        session.ValueKind == JsonValueKind.Object && session.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
