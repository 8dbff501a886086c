using VoiceCarnival.Speech.Assets;
using Wasmtime;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>flite as WebAssembly, compiled when first used (about a third of a second), and the clock by which what runs in it notices that it is cancelled.</summary>
internal static class FliteModule
{
    /// <summary>Time between two ticks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private static readonly Lazy<(Engine Engine, Module Module)> Compiled = new(Compile);
    private static readonly Lock Gate = new();
    private static Timer? _ticks;
    private static int _running;

    /// <summary>A store for one instance, and the module.</summary>
    public static (Engine Engine, Module Module) Get() => Compiled.Value;

    /// <summary>Something begins to run: the clock goes. It stands still while nothing does.</summary>
    public static void Enter()
    {
        lock (Gate)
        {
            if (_running == 0)
                _ticks = new Timer(static state => ((Engine)state!).IncrementEpoch(), Compiled.Value.Engine, Interval, Interval);
            _running++;
        }
    }

    /// <summary>It has ended.</summary>
    public static void Leave()
    {
        lock (Gate)
        {
            if (--_running > 0)
                return;
            _ticks?.Dispose();
            _ticks = null;
        }
    }

    private static (Engine Engine, Module Module) Compile()
    {
        var engine = new Engine(new Config().WithEpochInterruption(true));
        return (engine, Module.FromBytes(engine, "flite", SpeechAsset.Flite.Read()));
    }
}
