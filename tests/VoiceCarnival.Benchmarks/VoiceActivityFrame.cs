using BenchmarkDotNet.Attributes;
using VoiceCarnival.Audio.VoiceActivity;
using VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Benchmarks;

/// <summary>What a detector costs per frame of its own: 32 ms for Silero, 20 ms for energy.</summary>
[MemoryDiagnoser]
public class VoiceActivityFrame
{
    private SileroVoiceActivityDetector _silero = null!;
    private EnergyVoiceActivityDetector _energy = null!;
    private short[] _noise = null!;
    private int _next;

    [Params(8_000, 16_000, 24_000)]
    public int Rate { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _silero = new SileroVoiceActivityDetector(Rate);
        _energy = new EnergyVoiceActivityDetector(Rate);
        _noise = Tone.Noise(seed: 1, TimeSpan.FromSeconds(2), Rate, amplitude: 0.05);
    }

    [Benchmark]
    public float Silero() => _silero.Process(Frame(_silero));

    [Benchmark]
    public float Energy() => _energy.Process(Frame(_energy));

    private ReadOnlySpan<short> Frame(IVoiceActivityDetector detector)
    {
        int frames = _noise.Length / detector.FrameSamples;
        return _noise.AsSpan(_next++ % frames * detector.FrameSamples, detector.FrameSamples);
    }
}
