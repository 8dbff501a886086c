using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;

namespace VoiceCarnival.Engines.Tests.Local;

public sealed class LocalEngineTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _script = Path.GetTempFileName();

    public void Dispose() => File.Delete(_script);

    private LocalEngine Engine(string? script = null)
    {
        if (script is not null)
            File.WriteAllText(_script, script);
        return new LocalEngine(
            Options.Create(script is null ? new LocalEngineOptions() : new LocalEngineOptions { Brain = "script", Script = _script }), _time, NullLogger<LocalEngineSession>.Instance);
    }

    private static VoiceSessionRequest Request(string? session = null) => new()
    {
        SessionId = "sess_1",
        Transport = "test",
        InitialSession = session is null ? default : JsonElement.Parse(session),
        MaxDuration = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public void Preview_FillsAllDefaults()
    {
        var preview = Engine().Preview(JsonElement.Parse("""{"type":"realtime","audio":{"output":{"voice":"ash"}}}"""));
        Assert.Null(preview.Error);
        var session = JsonElement.Parse(preview.Session.ToArray());
        Assert.Equal("ash", session.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        Assert.Equal("server_vad", session.GetProperty("audio").GetProperty("input").GetProperty("turn_detection").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"type":"realtime","made_up":1}""")]
    [InlineData("""[]""")]
    [InlineData("""{"instructions":"\ud800"}""")]
    [InlineData("""{"tools":[{"type":"function","name":"f","parameters":{"\udc00":1}}]}""")]
    public void Preview_OfAWrongSession_SaysWhatIsWrong(string json) => Assert.NotNull(Engine().Preview(JsonElement.Parse(json)).Error);

    [Fact]
    public async Task Connections_AreRefusedAsTheScriptSays_ThenTaken()
    {
        var engine = Engine("""{"connect":[{"status":503,"code":"busy","retry_after_ms":250}],"turns":[{"reply":[]}]}""");
        var refused = await engine.OpenAsync(Request(), new Recorder(), default);
        Assert.Equal(503, refused.Refusal!.Status);
        Assert.Equal("busy", refused.Refusal.Error.Code);
        Assert.Equal(TimeSpan.FromMilliseconds(250), refused.Refusal.RetryAfter);
        var opened = await engine.OpenAsync(Request(), new Recorder(), default);
        Assert.NotNull(opened.Session);
        await opened.Session.DisposeAsync();
    }

    [Fact]
    public async Task WrongInitialSession_IsRefused()
    {
        var opening = await Engine().OpenAsync(Request("""{"audio":{"output":{"speed":9}}}"""), new Recorder(), default);
        Assert.Equal(400, opening.Refusal!.Status);
    }

    [Fact]
    public async Task Session_IsWokenAtItsDeadlines_AndSilentOnceDisposed()
    {
        var output = new Recorder();
        var opening = await Engine("""{"turns":[{"reply":[{"wait_ms":500},{"text":"later"}]}]}""").OpenAsync(Request(), output, default);
        var session = opening.Session!;
        Assert.Empty(output.Types);
        session.Start();
        Assert.Equal(["session.created"], output.Types);
        await session.SendEventAsync(ClientEventKind.ResponseCreate, """{"type":"response.create"}"""u8.ToArray(), default);
        Assert.Equal("response.created", output.Types[^1]);
        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal("response.created", output.Types[^1]);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Contains("response.done", output.Types);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TerminationKind.Expired, output.Termination!.Kind);

        var second = new Recorder();
        session = (await Engine().OpenAsync(Request(), second, default)).Session!;
        session.Start();
        await session.DisposeAsync();
        int before = second.Types.Count;
        await session.SendEventAsync(ClientEventKind.ResponseCreate, """{"type":"response.create"}"""u8.ToArray(), default);
        await session.SendAudioAsync(new byte[960], default);
        session.ResumeOutput();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(before, second.Types.Count);
        Assert.Null(second.Termination);
    }

    private sealed class Recorder : IVoiceEngineOutput
    {
        public List<string> Types { get; } = [];

        public SessionTermination? Termination { get; private set; }

        public bool OnEvent(string type, ReadOnlySpan<byte> utf8Json)
        {
            Types.Add(type);
            return true;
        }

        public bool OnAudio(in EngineAudio audio) => true;

        public void OnEnded(SessionTermination termination) => Termination = termination;
    }

    [Theory]
    [InlineData("echo", false, false, "Nothing leaves this machine.")]
    [InlineData("echo", true, false, "What is said goes to services elsewhere that its operator chose.")]
    [InlineData("echo", false, true, "Nothing leaves this machine.")]
    public void Description_SaysWhereWhatIsSaidGoes(string brain, bool isRecognitionRemote, bool isChatRemote, string end)
    {
        var here = new ServiceState("here", true);
        var away = here with { IsRemote = true };
        var engine = new LocalEngine(
            Options.Create(new LocalEngineOptions { Brain = brain }), _time, NullLogger<LocalEngineSession>.Instance,
            new LocalServices(States: new(isRecognitionRemote ? away : here, here, isChatRemote ? away : here)));
        Assert.EndsWith(end, engine.Describe().Description, StringComparison.Ordinal);
    }
}
