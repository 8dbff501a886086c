using VoiceCarnival.Speech.Assets;
using Wasmtime;

namespace VoiceCarnival.Speech.NoiseReduction;

/// <summary>RNNoise as a WebAssembly module of 126 kB, its network inside; compiled when first used.</summary>
internal static class RnnoiseProgram
{
    private static readonly Lazy<(Engine Engine, Module Module)> Compiled = new(static () =>
    {
        var engine = new Engine();
        return (engine, Module.FromBytes(engine, "rnnoise", SpeechAsset.Rnnoise.Read()));
    });

    public static Engine Engine => Compiled.Value.Engine;

    public static Module Module => Compiled.Value.Module;
}
