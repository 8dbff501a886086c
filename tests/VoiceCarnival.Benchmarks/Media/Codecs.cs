using BenchmarkDotNet.Attributes;
using VoiceCarnival.Audio.Codecs;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Benchmarks.Media;

/// <summary>What 20 ms of speech cost each codec.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class Codecs
{
    private readonly byte[] _payload = new byte[1280];
    private AudioEncoder _encoder = null!;
    private AudioDecoder _decoder = null!;
    private short[] _speech = [];
    private byte[][] _packets = [];
    private short[] _samples = [];
    private int _frame;
    private int _at;

    [Params("opus", "G722", "PCMU")]
    public string Codec { get; set; } = "opus";

    [GlobalSetup]
    public void Prepare()
    {
        var codec = AudioCodecs.Available.First(c => c.Name == Codec);
        _encoder = codec.CreateEncoder();
        _decoder = codec.CreateDecoder();
        _frame = codec.SamplesOf(20);
        _samples = new short[codec.SamplesOf(120)];
        short[] speech = SpeechFile.Read("counting.wav");
        var resampler = new Audio.Resampling.Resampler(24_000, codec.SampleRate);
        _speech = new short[resampler.OutputLength(speech.Length)];
        resampler.Process(speech, _speech);
        _packets = [.. _speech.Chunk(_frame).Where(f => f.Length == _frame).Select(f => _payload[.._encoder.Encode(f, _payload)])];
    }

    [GlobalCleanup]
    public void Release()
    {
        _encoder.Dispose();
        _decoder.Dispose();
    }

    [Benchmark]
    public int Encode() => _encoder.Encode(_speech.AsSpan(Next() * _frame, _frame), _payload);

    [Benchmark]
    public int Decode() => _decoder.Decode(_packets[Next()], _samples);

    private int Next() => _at = (_at + 1) % _packets.Length;
}
