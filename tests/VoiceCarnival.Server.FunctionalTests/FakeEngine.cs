using System.Text.Json;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Server.FunctionalTests;

/// <summary>An engine that previews sessions and opens none.</summary>
internal sealed class FakeEngine : IVoiceEngine
{
    public string Name => "fake";

    public Func<CancellationToken, ValueTask<EngineHealth>> Health { get; set; } = _ => new(EngineHealth.Healthy);

    public EngineDescription Describe() => new("fake-1", ["fake-1"], ["one", "two"], "A fake for tests.");

    public ValueTask<EngineHealth> CheckHealthAsync(CancellationToken cancellationToken) => Health(cancellationToken);

    public SessionPreview Preview(JsonElement session)
    {
        if (session.TryGetProperty("speed", out _))
            return new(default, RealtimeError.Invalid(RealtimeErrorCodes.InvalidValue, "The speed is wrong.", "session.speed"));
        if (session.TryGetProperty("crash", out _))
            throw new InvalidOperationException("the engine has a defect that nobody outside should read about");
        bool transcription = session.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() == "transcription";
        return new(transcription
            ? """{"id":"sess_1","object":"realtime.transcription_session","type":"transcription"}"""u8.ToArray()
            : """{"id":"sess_1","object":"realtime.session","type":"realtime","model":"fake-1"}"""u8.ToArray(), null);
    }

    public ValueTask<EngineOpening> OpenAsync(VoiceSessionRequest request, IVoiceEngineOutput output, CancellationToken cancellationToken) =>
        new(new SessionRefusal(503, RealtimeError.Invalid("no_sessions", "This engine opens none.")));
}
