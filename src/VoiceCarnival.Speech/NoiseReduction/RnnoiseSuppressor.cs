using System.Runtime.InteropServices;
using VoiceCarnival.Audio.NoiseReduction;
using VoiceCarnival.Audio.Resampling;
using Wasmtime;

namespace VoiceCarnival.Speech.NoiseReduction;

/// <summary>Takes noise out of one stream with RNNoise (Valin, "A hybrid DSP/deep learning approach to real-time full-band speech enhancement", 2018).</summary>
/// <remarks>
/// The network works on 10 ms at 48 kHz; other rates are brought there and back, which delays them by <see cref="Delay"/> in all. An instance has memory of its own inside of the
/// module, so it is made when a session asks for it and given back when it no longer does. Not thread-safe; nothing is allocated per frame.
/// </remarks>
public sealed class RnnoiseSuppressor : INoiseSuppressor
{
    private const int InnerRate = 48_000;
    private const int InnerFrame = 480;


    private readonly Store _store;
    private readonly Memory _memory;
    private readonly Func<int, int, int, float> _process;
    private readonly int _state;
    private readonly int _input;
    private readonly int _output;
    private readonly Resampler _up;
    private readonly Resampler _down;
    private readonly float[] _outer;

    /// <summary>Creates a suppressor.</summary>
    /// <param name="sampleRate">8000, 16000, 24000 or 48000.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another rate.</exception>
    /// <exception cref="InvalidDataException">The module in this build is damaged.</exception>
    public RnnoiseSuppressor(int sampleRate)
    {
        if (sampleRate is not (8_000 or 16_000 or 24_000 or 48_000))
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "8000, 16000, 24000 or 48000 samples per second are supported.");
        SampleRate = sampleRate;
        FrameSamples = sampleRate / 100;
        _up = new Resampler(sampleRate, InnerRate);
        _down = new Resampler(InnerRate, sampleRate);
        _outer = new float[FrameSamples];
        _store = new Store(RnnoiseProgram.Engine);
        try
        {
            using var linker = new Linker(RnnoiseProgram.Engine);
            // What the module's C library wants of its host: more memory, which it has no use for, and to copy within its memory.
            linker.DefineFunction("a", "a", static (int bytes) => 0);
            linker.DefineFunction("a", "b", (CallerAction<int, int, int>)Copy);
            var instance = linker.Instantiate(_store, RnnoiseProgram.Module);
            _memory = instance.GetMemory("c") ?? throw Unexpected();
            (instance.GetAction("d") ?? throw Unexpected())();
            if ((instance.GetFunction<int>("f") ?? throw Unexpected())() != InnerFrame)
                throw Unexpected();
            _state = (instance.GetFunction<int, int>("h") ?? throw Unexpected())(0);
            var allocate = instance.GetFunction<int, int>("l") ?? throw Unexpected();
            _input = allocate(InnerFrame * sizeof(float));
            _output = allocate(InnerFrame * sizeof(float));
            _process = instance.GetFunction<int, int, int, float>("k") ?? throw Unexpected();
            if (_state == 0 || _input == 0 || _output == 0)
                throw Unexpected();
        }
        catch
        {
            _store.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int SampleRate { get; }

    /// <inheritdoc/>
    public int FrameSamples { get; }

    /// <inheritdoc/>
    public TimeSpan Delay => TimeSpan.FromMilliseconds(10) + _up.GroupDelay + _down.GroupDelay;

    /// <inheritdoc/>
    public void Process(Span<short> frame)
    {
        if (frame.Length != FrameSamples)
            throw new ArgumentException($"A frame has {FrameSamples} samples, not {frame.Length}.", nameof(frame));
        for (int i = 0; i < frame.Length; i++)
            _outer[i] = frame[i];
        _up.Process(_outer, Inner(_input));
        _process(_state, _output, _input);
        _down.Process(Inner(_output), _outer);
        for (int i = 0; i < frame.Length; i++)
            frame[i] = (short)Math.Clamp(MathF.Round(_outer[i]), short.MinValue, short.MaxValue);
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private Span<float> Inner(int address) => MemoryMarshal.Cast<byte, float>(_memory.GetSpan((uint)address, InnerFrame * sizeof(float)));

    private static void Copy(Caller caller, int target, int source, int length)
    {
        var memory = caller.GetMemory("c") ?? throw Unexpected();
        memory.GetSpan((uint)source, length).CopyTo(memory.GetSpan((uint)target, length));
    }

    private static InvalidDataException Unexpected() => new("The RNNoise module is not the one that this build was made for.");
}
