using System.Buffers.Binary;
using System.Text;
using Wasmtime;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>
/// flite with its voices, ready to speak one text after the other. It touches nothing of this machine but the processor: of WASI it gets what a system without files answers. Not thread-safe.
/// </summary>
internal sealed class FliteInstance : IDisposable
{
    /// <summary>Samples per second.</summary>
    public const int SampleRate = 16_000;

    private const string Preview1 = "wasi_snapshot_preview1";
    private const int BadDescriptor = 8;
    private const long MaxMemoryBytes = 256L * 1024 * 1024;
    private const int MaxTicks = 600;

    // Half a tenth of a second, so that it is heard soon; then as much as keeps the calls few.
    private const int FirstSamples = SampleRate / 20;
    private const int FurtherSamples = SampleRate / 5;

    private readonly Store _store;
    private readonly Linker _linker;
    private readonly Memory _memory;
    private readonly Func<int, int> _allocate;
    private readonly Action<int> _release;
    private readonly Func<int, int, float, int, int, int> _speak;
    private IFliteListener? _listener;
    private CancellationToken _cancellation;
    private int _ticks;

    /// <summary>Makes one, which takes some ten milliseconds; the first of all also compiles the module.</summary>
    /// <exception cref="WasmtimeException">There is no memory for it.</exception>
    public FliteInstance()
    {
        var (engine, module) = FliteModule.Get();
        _store = new Store(engine);
        _store.SetLimits(MaxMemoryBytes, null, 1, 4, 1);
        _store.SetEpochDeadline(MaxTicks);
        _store.SetEpochDeadlineCallback(_ =>
        {
            _cancellation.ThrowIfCancellationRequested();
            return ++_ticks < MaxTicks ? 1UL : throw new TimeoutException("flite did not end in time.");
        });
        _linker = Link(engine);
        var instance = _linker.Instantiate(_store, module);
        _memory = instance.GetMemory("memory") ?? throw new WasmtimeException("The module has no memory.");
        instance.GetAction("_initialize")!();
        instance.GetAction("load")!();
        _allocate = instance.GetFunction<int, int>("allocate")!;
        _release = instance.GetAction<int>("release")!;
        _speak = instance.GetFunction<int, int, float, int, int, int>("speak")!;
    }

    /// <summary>False once a run was broken off in its middle: it must not be used again.</summary>
    public bool IsIntact { get; private set; } = true;

    /// <summary>Bytes that it occupies.</summary>
    public long MemoryBytes => _memory.GetLength();

    /// <summary>Speaks a text.</summary>
    /// <param name="voice">Whose voice.</param>
    /// <param name="text">Printable ASCII.</param>
    /// <param name="speed">Times the voice's own speed.</param>
    /// <param name="listener">Gets it while it is made.</param>
    /// <param name="cancellationToken">Ends it with the next piece, or the next tick of the module's clock.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="WasmtimeException">It failed, took too long or too much memory.</exception>
    public void Speak(FliteVoice voice, string text, double speed, IFliteListener listener, CancellationToken cancellationToken)
    {
        (IsIntact, _listener, _cancellation, _ticks) = (false, listener, cancellationToken, 0);
        FliteModule.Enter();
        _store.SetEpochDeadline(1);
        try
        {
            int length = Encoding.ASCII.GetByteCount(text);
            int address = _allocate(length + 1);
            var memory = At(address, length + 1);
            memory[Encoding.ASCII.GetBytes(text, memory)] = 0;
            int result = _speak((int)voice, address, (float)(1 / speed), FirstSamples, FurtherSamples);
            _release(address);
            IsIntact = true;
            cancellationToken.ThrowIfCancellationRequested();
            if (result != 0)
                throw new WasmtimeException("flite cannot speak this text.");
        }
        catch (WasmtimeException exception) when (exception.InnerException is OperationCanceledException)
        {
            throw new OperationCanceledException("The text was cancelled.", exception, cancellationToken);
        }
        finally
        {
            FliteModule.Leave();
            (_listener, _cancellation) = (null, default);
        }
    }

    public void Dispose()
    {
        _linker.Dispose();
        _store.Dispose();
    }

    private Linker Link(Engine engine)
    {
        var linker = new Linker(engine);
        linker.DefineFunction("host", "word", (Action<int, float, float>)((end, from, to) => _listener?.OnToken(end, from, to)));
        linker.DefineFunction("host", "sound", (Func<int, int, int>)TakeSound);
        linker.DefineFunction(Preview1, "fd_close", (Func<int, int>)(_ => BadDescriptor));
        linker.DefineFunction(Preview1, "fd_fdstat_get", (Func<int, int, int>)((_, _) => BadDescriptor));
        linker.DefineFunction(Preview1, "fd_read", (Func<int, int, int, int, int>)((_, _, _, _) => BadDescriptor));
        linker.DefineFunction(Preview1, "fd_seek", (Func<int, long, int, int, int>)((_, _, _, _) => BadDescriptor));
        linker.DefineFunction(Preview1, "fd_write", (Func<int, int, int, int, int>)DiscardOutput);
        linker.DefineFunction(Preview1, "proc_exit", (Action<int>)(code => throw new WasmtimeException($"flite gave up with code {code}.")));
        return linker;
    }

    private int TakeSound(int address, int count)
    {
        if (_cancellation.IsCancellationRequested)
            return 1;
        var bytes = At(address, checked(count * sizeof(short)));
        var samples = new short[count];
        Audio.Pcm.Pcm16.BytesToSamples(bytes, samples);
        _listener?.OnSound(samples);
        return 0;
    }

    // What it complains of goes nowhere.
    private int DiscardOutput(int descriptor, int vectors, int count, int written)
    {
        int sum = 0;
        for (int i = 0; i < count; i++)
            sum += BinaryPrimitives.ReadInt32LittleEndian(At(vectors + (8 * i) + 4, 4));
        BinaryPrimitives.WriteInt32LittleEndian(At(written, 4), sum);
        return 0;
    }

    // A place outside of the memory throws, which ends the run.
    private Span<byte> At(int address, int length) => _memory.GetSpan((uint)address, length);
}

/// <summary>Takes what flite makes of a text, on flite's thread.</summary>
internal interface IFliteListener
{
    /// <summary>A token is spoken from here to there, in seconds, negative where it has no sound. Its last character is before this place in the text, or one earlier where a space follows. All come before the first sound.</summary>
    void OnToken(int textEnd, float begin, float end);

    /// <summary>The next samples; the array is the listener's.</summary>
    void OnSound(short[] samples);
}
