using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Policy;

namespace VoiceCarnival.Sessions.Tests;

/// <summary>A session host with a scripted engine and time that moves by hand.</summary>
internal sealed class SessionRig : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SessionAdmission _admission;

    public SessionRig(Action<LimitsOptions>? configure = null, PolicyOptions? policy = null)
    {
        configure?.Invoke(Limits);
        var monitor = new FixedOptions<LimitsOptions>(Limits);
        _admission = new SessionAdmission(monitor, Time);
        Host = new VoiceSessionHost(Engine, _admission, new SessionPolicy(policy ?? new PolicyOptions()), Directory, new SessionMetrics(_services.GetRequiredService<IMeterFactory>()), monitor, Time, Lifetime,
            NullLogger<VoiceSessionHost>.Instance);
    }

    public LimitsOptions Limits { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public ScriptedLifetime Lifetime { get; } = new();

    public ScriptedEngine Engine { get; } = new();

    public SessionDirectory Directory { get; } = new();

    public VoiceSessionHost Host { get; }

    public ScriptedEngineSession EngineSession => Engine.Sessions[^1];

    public static OutputAudioItem Item(string id, uint ordinal = 1) => new()
    {
        Ordinal = ordinal,
        ItemId = id,
        ResponseId = "resp_1",
        OutputIndex = 0,
        ContentIndex = 0,
        Format = "audio/pcm",
        SampleRate = 24_000,
    };

    public Caller Caller { get; set; } = Caller.Anonymous;

    public ValueTask<SessionOpening> TryOpenAsync() =>
        Host.OpenAsync(new VoiceSessionRequest { SessionId = RealtimeIds.New("sess"), Transport = "scripted", Caller = Caller }, CancellationToken.None);

    public async Task<VoiceSession> OpenAsync()
    {
        var (session, refusal) = await TryOpenAsync();
        Assert.Null(refusal);
        return session!;
    }

    /// <summary>Opens a session and attaches a connection; the engine has said <c>session.created</c>.</summary>
    public async Task<(VoiceSession Session, ScriptedConnection Connection)> StartAsync(bool understandsExtensions = true)
    {
        var session = await OpenAsync();
        var connection = new ScriptedConnection(understandsExtensions);
        session.Start(connection);
        EngineSession.Say(ServerEventTypes.SessionCreated);
        return (session, connection);
    }

    /// <summary>Lets other threads run until the condition holds.</summary>
    public static async Task Eventually(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "did not happen in time");
            await Task.Yield();
        }
    }

    public void Dispose()
    {
        Host.Dispose();
        Lifetime.Dispose();
        _admission.Dispose();
        _services.Dispose();
    }
}

internal sealed class ScriptedLifetime : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();
}

internal sealed class FixedOptions<TOptions>(TOptions value) : IOptionsMonitor<TOptions>
{
    public TOptions CurrentValue => value;

    public TOptions Get(string? name) => value;

    public IDisposable? OnChange(Action<TOptions, string?> listener) => null;
}
