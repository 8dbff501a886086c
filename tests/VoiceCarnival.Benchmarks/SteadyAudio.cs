using BenchmarkDotNet.Attributes;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Engines.Local;
using VoiceCarnival.Engines.Local.Brains;
using VoiceCarnival.Protocols.Realtime;
using VoiceCarnival.Sessions;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Benchmarks;

/// <summary>What 20 ms of a caller's audio cost: the detector alone, and a whole dialogue with binary frames and with base64 events.</summary>
[MemoryDiagnoser]
public class SteadyAudio : IVoiceEngineOutput
{
    private readonly short[] _room = Tone.Noise(seed: 1, TimeSpan.FromSeconds(2), amplitude: 0.004);
    private readonly EnergyVoiceActivityDetector _detector = new(24_000);
    private readonly byte[][] _frames;
    private readonly byte[][] _events;
    private readonly Dialogue _dialogue;
    private int _next;
    private TimeSpan _now;

    public SteadyAudio()
    {
        _frames = [.. _room.Chunk(480).Select(frame => Tone.ToBytes(frame))];
        _events = [.. _frames.Select(frame => System.Text.Encoding.UTF8.GetBytes($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(frame)}}"}"""))];
        var options = new LocalEngineOptions();
        _dialogue = new Dialogue(new DialogueSetup
        {
            Session = new RealtimeSession { Id = "sess_1", Model = "m" },
            Brain = new EchoBrain(),
            Options = options,
            Pace = OutputPace.From(options),
            CreateDetector = static format => new EnergyVoiceActivityDetector(format.SampleRate),
            ExpiresAt = TimeSpan.FromDays(1000),
        }, this);
        _dialogue.Start(_now);
    }

    [Benchmark(Baseline = true)]
    public float DetectorAlone() => _detector.Process(_room.AsSpan(_next++ % 100 * 480, 480));

    [Benchmark]
    public void BinaryFrame()
    {
        _now += TimeSpan.FromMilliseconds(20);
        _dialogue.ReceiveAudio(_frames[_next++ % _frames.Length], _now);
    }

    [Benchmark]
    public void AppendEvent()
    {
        _now += TimeSpan.FromMilliseconds(20);
        byte[] json = _events[_next++ % _events.Length];
        _dialogue.Receive(ClientEventPeek.KindOf(json), json, _now);
    }

    bool IVoiceEngineOutput.OnEvent(string type, ReadOnlySpan<byte> utf8Json) => true;

    bool IVoiceEngineOutput.OnAudio(in EngineAudio audio) => true;

    void IVoiceEngineOutput.OnEnded(SessionTermination termination)
    {
    }
}
