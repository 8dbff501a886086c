using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech.Assets;
using Wasmtime;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>
/// flite 2.3 as a WebAssembly program, compiled when first used (about half a second). Each run is an instance of its own, so runs know nothing of each other and several
/// may go on at once.
/// </summary>
internal static class FliteProgram
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly Lazy<(Engine Engine, Module Module)> Compiled = new(Compile);
    private static readonly Lock Gate = new();
    private static Timer? _ticks;
    private static int _running;

    /// <summary>Compiles it now, unless it is.</summary>
    public static void Load() => _ = Compiled.Value;

    /// <summary>Speaks a text.</summary>
    /// <param name="voice">One of flite's voices: <c>slt</c>, <c>rms</c> or <c>awb</c> (16 kHz), <c>kal</c> (8 kHz, poor and fast).</param>
    /// <param name="text">Printable ASCII.</param>
    /// <param name="speed">Times the voice's own speed.</param>
    /// <param name="cancellationToken">Ends it within <see cref="Interval"/>.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="WasmtimeException">It failed.</exception>
    public static FliteSpeech Speak(string voice, string text, double speed, CancellationToken cancellationToken)
    {
        var (engine, module) = Compiled.Value;
        Tick(engine, +1);
        try
        {
            var (file, output) = WasiProgram.Run(
                engine, module, cancellationToken,
                "flite", "-voice", voice, "--setf", FormattableString.Invariant($"duration_stretch={1 / speed:0.###}"), "-psdur", "-t", text, "-o", "/out/speech.wav");
            if (!WavReader.TryRead(file.Span, out var wav, out var error))
                throw new InvalidDataException($"flite gave no sound: {error}.");
            return new FliteSpeech(wav.ToMono(), wav.Format.SampleRate, Phone.Parse(output));
        }
        finally
        {
            Tick(engine, -1);
        }
    }

    private static (Engine Engine, Module Module) Compile()
    {
        var engine = new Engine(new Config().WithEpochInterruption(true));
        return (engine, Module.FromBytes(engine, "flite", SpeechAsset.Flite.Read()));
    }

    // The clock by which runs notice that they are cancelled, or that they do not end. It stands still while nothing runs.
    private static void Tick(Engine engine, int change)
    {
        lock (Gate)
        {
            _running += change;
            if (_running > 0)
            {
                _ticks ??= new Timer(static state => ((Engine)state!).IncrementEpoch(), engine, Interval, Interval);
            }
            else
            {
                _ticks?.Dispose();
                _ticks = null;
            }
        }
    }
}
