using System.Reflection;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// PocketSphinx 0.8+5prealpha, as the system has it (Debian and Ubuntu: libpocketsphinx3). Names and signatures are those of its pocketsphinx.h and sphinxbase/cmd_ln.h; the interface of
/// release 5.0 is another one, in a library of another name.
/// </summary>
internal static unsafe partial class PocketSphinxLibrary
{
    private const string Decoder = "pocketsphinx";
    private const string Base = "sphinxbase";

    private static readonly nint BaseHandle = Load("libsphinxbase.so.3");
    private static readonly nint DecoderHandle = Load("libpocketsphinx.so.3");

    static PocketSphinxLibrary() => NativeLibrary.SetDllImportResolver(typeof(PocketSphinxLibrary).Assembly, Resolve);

    /// <summary>It can be used.</summary>
    public static bool IsAvailable => BaseHandle != 0 && DecoderHandle != 0;

    [LibraryImport(Base, EntryPoint = "cmd_ln_parse_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint ParseArguments(nint former, nint definitions, int count, string[] arguments, int strict);

    [LibraryImport(Base, EntryPoint = "cmd_ln_free_r")]
    internal static partial int FreeArguments(nint arguments);

    [LibraryImport(Decoder, EntryPoint = "ps_args")]
    internal static partial nint Definitions();

    [LibraryImport(Decoder, EntryPoint = "ps_init")]
    internal static partial PocketSphinxHandle Create(nint arguments);

    [LibraryImport(Decoder, EntryPoint = "ps_free")]
    internal static partial int Free(nint decoder);

    [LibraryImport(Decoder, EntryPoint = "ps_start_utt")]
    internal static partial int Start(PocketSphinxHandle decoder);

    [LibraryImport(Decoder, EntryPoint = "ps_process_cep")]
    internal static partial int Process(PocketSphinxHandle decoder, float** rows, int count, int noSearch, int fullUtterance);

    [LibraryImport(Decoder, EntryPoint = "ps_end_utt")]
    internal static partial int End(PocketSphinxHandle decoder);

    [LibraryImport(Decoder, EntryPoint = "ps_get_hyp")]
    internal static partial nint Hypothesis(PocketSphinxHandle decoder, out int score);

    [LibraryImport(Base, EntryPoint = "fe_init_auto_r")]
    internal static partial FrontEndHandle CreateFrontEnd(nint arguments);

    [LibraryImport(Base, EntryPoint = "fe_free")]
    internal static partial int FreeFrontEnd(nint front);

    [LibraryImport(Base, EntryPoint = "fe_get_output_size")]
    internal static partial int FeaturesOf(FrontEndHandle front);

    [LibraryImport(Base, EntryPoint = "fe_start_stream")]
    internal static partial void ForgetNoise(FrontEndHandle front);

    [LibraryImport(Base, EntryPoint = "fe_start_utt")]
    internal static partial int Start(FrontEndHandle front);

    [LibraryImport(Base, EntryPoint = "fe_process_frames")]
    internal static partial int Process(FrontEndHandle front, short** samples, nuint* sampleCount, float** rows, int* rowCount, int* firstRow);

    [LibraryImport(Base, EntryPoint = "fe_end_utt")]
    internal static partial int End(FrontEndHandle front, float* row, int* rowCount);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        Decoder => DecoderHandle,
        Base => BaseHandle,
        _ => 0,
    };

    private static nint Load(string name) => NativeLibrary.TryLoad(name, out nint handle) ? handle : 0;
}
