using System.Text.Json;
using VoiceCarnival.Audio;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Engines.Local.Hearing;
using VoiceCarnival.Engines.Local.Script;
using VoiceCarnival.Engines.Local.Speaking;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Realtime;

namespace VoiceCarnival.Engines.Tests.Local.Support;

/// <summary>
/// A dialogue in virtual time. Every event it says is checked against OpenAI's schemas as it comes; <see cref="CheckFlow"/> checks their order. Times
/// at which it asks to be woken are served, and must lie ahead.
/// </summary>
internal sealed class DialogueHarness : IVoiceEngineOutput
{
    /// <summary>A script whose one answer takes 20 s to hear.</summary>
    public const string LongAnswer = """{"turns":[{"heard":"hello there","reply":[{"say":"one two three four five six","ms":20000}]}]}""";

    private readonly Dictionary<string, List<byte>> _audio = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    public DialogueHarness(
        IBrain? brain = null, LocalEngineOptions? options = null, OutputPace? pace = null, RealtimeSession? session = null, TimeSpan? life = null,
        bool modelIsFixed = true, int seed = 1, ScriptTimeline? timeline = null, Func<AudioFormat, IVoiceActivityDetector>? detector = null, bool start = true,
        IVoice? voice = null, IRecognizer? recognizer = null, Func<AudioFormat, INoiseSuppressor?>? suppressor = null)
    {
        options ??= new LocalEngineOptions();
        Dialogue = new Dialogue(
            new DialogueSetup
            {
                Session = session ?? NewSession(),
                Brain = brain ?? new EchoBrain(),
                Voice = voice,
                Recognizer = recognizer,
                Options = options,
                Pace = pace ?? OutputPace.From(options),
                CreateDetector = detector ?? (format => new EnergyVoiceActivityDetector(format.SampleRate)),
                CreateSuppressor = suppressor,
                ExpiresAt = life ?? TimeSpan.FromHours(1),
                ModelIsFixed = modelIsFixed,
                Seed = seed,
                Timeline = timeline,
            }, this);
        if (start)
            Dialogue.Start(Now);
    }

    public static RealtimeSession NewSession(string type = "realtime") => new() { Id = RealtimeIds.New("sess"), Type = type, Model = "test-model", ExpiresAt = 1_900_000_000 };

    /// <summary>A script brain from a script's text.</summary>
    public static ScriptBrain Script(string json)
    {
        var problems = new List<string>();
        var script = ScriptCompiler.Compile(ScriptDocument.Parse(json, Path.Combine(AppContext.BaseDirectory, "assets")), problems);
        Assert.Empty(problems);
        return new ScriptBrain(script);
    }

    public Dialogue Dialogue { get; }

    public TimeSpan Now { get; private set; }

    public List<ReceivedEvent> Events { get; } = [];

    public List<OutputPiece> Pieces { get; } = [];

    public List<TurnLatency> Latencies { get; } = [];

    /// <summary>What came in place of events.</summary>
    public List<byte[]> Malformed { get; } = [];

    public SessionTermination? Termination { get; private set; }

    /// <summary>How often the dialogue was woken.</summary>
    public int WakeUps { get; private set; }

    public bool HasRoom { get; private set; } = true;

    /// <summary>False does without the schema check of each event, for tests of allocation and time.</summary>
    public bool Validates { get; init; } = true;

    public ReceivedEvent Last => Events[^1];

    public IEnumerable<string> Types => Events.Select(e => e.Type);

    /// <summary>The types without runs of deltas of one kind being repeated.</summary>
    public List<string> Order(int from = 0)
    {
        var order = new List<string>();
        foreach (var e in Events.Skip(from))
        {
            if (!e.Type.EndsWith(".delta", StringComparison.Ordinal) || !order.TakeLast(2).Contains(e.Type, StringComparer.Ordinal))
                order.Add(e.Type);
        }

        return order;
    }

    public IEnumerable<ReceivedEvent> Of(string type) => Events.Where(e => e.Type == type);

    public ReceivedEvent Single(string type) => Assert.Single(Of(type));

    /// <summary>Output audio of an item, as wire bytes.</summary>
    public byte[] Audio(string itemId) => _audio.TryGetValue(itemId, out var bytes) ? [.. bytes] : [];

    /// <summary>Output audio of an item at the rate of its format.</summary>
    public short[] Samples(string itemId, AudioFormat? format = null)
    {
        byte[] bytes = Audio(itemId);
        var f = format ?? AudioFormat.Pcm24k;
        var samples = new short[f.SamplesIn(bytes.Length)];
        f.Decode(bytes, samples);
        return samples;
    }

    /// <summary>Sends one client event and returns what came back at once.</summary>
    public IReadOnlyList<ReceivedEvent> Send(string json) => Send(System.Text.Encoding.UTF8.GetBytes(json));

    public IReadOnlyList<ReceivedEvent> Send(byte[] utf8Json)
    {
        int before = Events.Count;
        Dialogue.Receive(ClientEventPeek.KindOf(utf8Json), utf8Json, Now);
        CheckDeadline();
        return Events.GetRange(before, Events.Count - before);
    }

    /// <summary>Sends an event that must be refused; returns the error.</summary>
    public ReceivedEvent Refused(string json, string code, string? param = null)
    {
        var error = Assert.Single(Send(json));
        Assert.Equal("error", error.Type);
        Assert.Equal(code, error.Text("error.code"));
        Assert.Equal("invalid_request_error", error.Text("error.type"));
        if (param is not null)
            Assert.Equal(param, error.Text("error.param"));
        return error;
    }

    /// <summary>Updates the session with the given fields beside its type; returns <c>session.updated</c>.</summary>
    public ReceivedEvent Update(string fields)
    {
        var updated = Assert.Single(Send($$"""{"type":"session.update","session":{"type":"{{Dialogue.Session.Type}}",{{fields}} } }"""));
        Assert.True(updated.Type == "session.updated", updated.ToString());
        return updated;
    }

    public string CreateText(string text)
    {
        var events = Send($$"""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"input_text","text":{{JsonSerializer.Serialize(text)}} } ] } }""");
        Assert.Equal(["conversation.item.added", "conversation.item.done"], events.Select(e => e.Type));
        return events[0].Text("item.id")!;
    }

    /// <summary>Speaks 24 kHz samples in the session's input format, in real time.</summary>
    public void Speak(short[] pcm24k)
    {
        Assert.True(AudioFormat.TryParse(Dialogue.Session.Input.Format, out var format));
        var samples = Speech.Resample(pcm24k, 24_000, format.SampleRate);
        var bytes = new byte[format.BytesOf(samples.Length)];
        format.Encode(samples, bytes);
        SendAudio(bytes, 20);
    }

    /// <summary>Sends wire bytes in real time, in chunks of so many milliseconds.</summary>
    public void SendAudio(byte[] bytes, int chunkMs)
    {
        Assert.True(AudioFormat.TryParse(Dialogue.Session.Input.Format, out var format));
        int chunk = chunkMs * format.BytesPerMillisecond;
        for (int i = 0; i < bytes.Length; i += chunk)
        {
            Dialogue.ReceiveAudio(bytes.AsSpan(i, Math.Min(chunk, bytes.Length - i)), Now);
            CheckDeadline();
            Advance(TimeSpan.FromMilliseconds(chunkMs));
        }
    }

    public void SendAudioAtOnce(ReadOnlySpan<byte> bytes)
    {
        Dialogue.ReceiveAudio(bytes, Now);
        CheckDeadline();
    }

    /// <summary>Sends digital silence in real time.</summary>
    public void Silence(int milliseconds) => Speak(new short[milliseconds * 24]);

    /// <summary>Lets time pass without input.</summary>
    public void Advance(TimeSpan time)
    {
        var target = Now + time;
        while (Dialogue.NextDeadline is { } deadline && deadline <= target)
            WakeAt(deadline);
        Now = target;
    }

    public void Advance(int milliseconds) => Advance(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Lets time pass until an event of that type comes that was not there before.</summary>
    public ReceivedEvent RunUntil(string type, int timeoutMs = 60_000)
    {
        int from = Events.Count;
        var limit = Now + TimeSpan.FromMilliseconds(timeoutMs);
        while (true)
        {
            if (Events.Skip(from).FirstOrDefault(e => e.Type == type) is { } found)
                return found;
            if (Dialogue.NextDeadline is not { } deadline || deadline > limit)
                Assert.Fail($"No {type} within {timeoutMs} ms. Events: {string.Join(", ", Types)}");
            else
                WakeAt(deadline);
        }
    }

    /// <summary>Something that works beside the dialogue has come to something.</summary>
    public void Run(Action work)
    {
        Dialogue.Run(work, Now);
        CheckDeadline();
    }

    /// <summary>Tells the dialogue whether its output takes audio.</summary>
    public void SetRoom(bool room)
    {
        HasRoom = room;
        if (room)
            Dialogue.OutputHasRoom(Now);
        CheckDeadline();
    }

    /// <summary>Fails on anything that was wrong with the events or their order.</summary>
    public void CheckFlow(bool complete = true)
    {
        Assert.Empty(_problems);
        Assert.Empty(EventFlow.Violations(Events, complete && Termination is null));
    }

    /// <summary>Lets go of all that was recorded.</summary>
    public void Forget()
    {
        Events.Clear();
        Pieces.Clear();
        _audio.Clear();
    }

    bool IVoiceEngineOutput.OnEvent(string type, ReadOnlySpan<byte> utf8Json)
    {
        if (Termination is not null)
            _problems.Add($"{type} after the end");
        if (type == "malformed")
        {
            Malformed.Add(utf8Json.ToArray());
            return HasRoom;
        }

        var json = JsonElement.Parse(utf8Json.ToArray());
        Record(type, json);
        if (json.GetProperty("type").GetString() != type)
            _problems.Add($"an event of type {json.GetProperty("type")} came as {type}");
        return HasRoom;
    }

    bool IVoiceEngineOutput.OnAudio(in EngineAudio audio)
    {
        if (Termination is not null)
            _problems.Add("audio after the end");
        var item = audio.Item;
        if (!_audio.TryGetValue(item.ItemId, out var bytes))
            _audio.Add(item.ItemId, bytes = []);
        Assert.True(AudioFormat.TryParse(item.Format, out var format));
        if (audio.Payload.Length != format.BytesOf(audio.SampleCount) || audio.SampleCount == 0)
            _problems.Add($"{audio.SampleCount} samples in {audio.Payload.Length} bytes");
        if (audio.SampleOffset != format.SamplesIn(bytes.Count))
            _problems.Add($"audio of {item.ItemId} goes on at {audio.SampleOffset}, not at {format.SamplesIn(bytes.Count)}");
        bytes.AddRange(audio.Payload);
        Pieces.Add(new OutputPiece(Now, item.ItemId, item.ResponseId, audio.SampleOffset, audio.SampleCount, item.SampleRate));
        // In the place of the event that a JSON transport makes of it, so that its order is checked too.
        Record("response.output_audio.delta", JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["type"] = "response.output_audio.delta",
            ["event_id"] = $"event_audio_{Pieces.Count}",
            ["response_id"] = item.ResponseId,
            ["item_id"] = item.ItemId,
            ["output_index"] = item.OutputIndex,
            ["content_index"] = item.ContentIndex,
            ["delta"] = "",
        }));
        return HasRoom;
    }

    void IVoiceEngineOutput.OnTurnMeasured(TurnLatency latency) => Latencies.Add(latency);

    void IVoiceEngineOutput.OnEnded(SessionTermination termination)
    {
        if (Termination is not null)
            _problems.Add("ended twice");
        Termination = termination;
    }

    private void Record(string type, JsonElement json)
    {
        IReadOnlyList<string> problems = Validates ? RealtimeSchema.ValidateServerEvent(json) : [];
        _problems.AddRange(problems);
        Events.Add(new ReceivedEvent(type, json, Now, problems));
    }

    private void WakeAt(TimeSpan deadline)
    {
        Now = deadline > Now ? deadline : Now;
        WakeUps++;
        Dialogue.AdvanceTo(Now);
        CheckDeadline(afterAdvance: true);
    }

    // After an input a deadline may be now; after AdvanceTo it must lie ahead, or whoever serves it spins.
    private void CheckDeadline(bool afterAdvance = false)
    {
        if (afterAdvance && Dialogue.NextDeadline is { } deadline && deadline <= Now)
            Assert.Fail($"Woken at {Now}, the dialogue asks for {deadline} again. Events: {string.Join(", ", Types.TakeLast(5))}");
    }
}
