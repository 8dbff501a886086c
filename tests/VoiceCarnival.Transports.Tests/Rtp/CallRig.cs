using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Protocols.Rtp;
using VoiceCarnival.Sessions;
using VoiceCarnival.Transports.Rtp;

namespace VoiceCarnival.Transports.Tests.Rtp;

/// <summary>One audio call to an engine, in virtual time.</summary>
internal sealed class CallRig : IDisposable
{
    private readonly ServiceProvider _services;

    public CallRig(AudioCodec codec, RtpMediaOptions? media = null, Func<TimeProvider, IVoiceEngine>? engine = null, Func<AudioCallOptions, AudioCallOptions>? configure = null, bool ticksAtOnce = false)
    {
        Clock.TicksAtOnce = ticksAtOnce;
        _services = new ServiceCollection()
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IHostApplicationLifetime, Lifetime>()
            .AddSingleton(engine?.Invoke(Time) ?? Engine)
            .AddLogging()
            .AddVoiceSessions(new ConfigurationBuilder().Build())
            .BuildServiceProvider();
        Line = new RecordingLine(Clock);
        Media = new RtpMedia(Clock, Options.Create(media ?? new RtpMediaOptions()), Time, NullLogger<RtpMedia>.Instance);
        Call = new AudioCallOptions
        {
            Codec = codec,
            PayloadType = new PayloadType(codec.PayloadType ?? 111),
            Keys = [new PayloadType(101)],
            SentKeys = (new PayloadType(101), codec.ClockRate),
            ComfortNoise = PayloadType.ComfortNoise,
            Ssrc = new Ssrc(0x12345678),
            Cname = "call@test",
        };
        Call = configure?.Invoke(Call) ?? Call;
        Session = Open();
        Connection = Media.Connect("test", Session, Call, Line);
        Session.Start(Connection);
        Connection.Begin();
        Caller = new FarSide(Call);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));

    public ManualMediaClock Clock { get; } = new();

    public ScriptedEngine Engine { get; } = new();

    public RecordingLine Line { get; }

    public RtpMedia Media { get; }

    public AudioCallOptions Call { get; }

    public VoiceSession Session { get; }

    public RtpConnection Connection { get; }

    /// <summary>The caller's end.</summary>
    public FarSide Caller { get; }

    public VoiceSession Open()
    {
        var opening = _services.GetRequiredService<VoiceSessionHost>()
            .OpenAsync(new VoiceSessionRequest { SessionId = RealtimeIds.New("sess"), Transport = "test" }, CancellationToken.None).AsTask();
        Assert.True(opening.IsCompletedSuccessfully);
        return opening.Result.Session!;
    }

    public static OutputAudioItem Item(string id = "item_1", string response = "resp_1", string format = "audio/pcm", uint ordinal = 1) => new()
    {
        Ordinal = ordinal,
        ItemId = id,
        ResponseId = response,
        OutputIndex = 0,
        ContentIndex = 0,
        Format = format,
        SampleRate = format == "audio/pcm" ? 24_000 : 8000,
    };

    /// <summary>Both clocks go on.</summary>
    public void Advance(double milliseconds, Action? onStep = null)
    {
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Clock.Advance(TimeSpan.FromMilliseconds(milliseconds), onStep);
    }

    /// <summary>The caller speaks: a packet every 20 ms.</summary>
    public void Speak(short[] samples)
    {
        foreach (byte[] packet in Caller.Packets(samples))
        {
            Connection.ReceiveRtp(packet);
            Advance(20);
        }
    }

    public void Dispose()
    {
        Connection.Dispose();
        Session.End(SessionTermination.CallerClosed);
        Caller.Dispose();
        _services.Dispose();
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
