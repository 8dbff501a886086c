using System.Reflection;
using System.Runtime.InteropServices;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// PocketSphinx 0.8+5prealpha, as the system has it (Debian and Ubuntu: libpocketsphinx3). Names and signatures are those of its pocketsphinx.h and sphinxbase/cmd_ln.h; the interface of
/// release 5.0 is another one, in a library of another name.
/// </summary>
internal static partial class PocketSphinxLibrary
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

    [LibraryImport(Decoder, EntryPoint = "ps_start_stream")]
    internal static partial int ForgetNoise(PocketSphinxHandle decoder);

    [LibraryImport(Decoder, EntryPoint = "ps_start_utt")]
    internal static partial int Start(PocketSphinxHandle decoder);

    [LibraryImport(Decoder, EntryPoint = "ps_process_raw")]
    internal static partial int Process(PocketSphinxHandle decoder, ReadOnlySpan<short> samples, nuint count, int noSearch, int fullUtterance);

    [LibraryImport(Decoder, EntryPoint = "ps_end_utt")]
    internal static partial int End(PocketSphinxHandle decoder);

    [LibraryImport(Decoder, EntryPoint = "ps_get_hyp")]
    internal static partial nint Hypothesis(PocketSphinxHandle decoder, out int score);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        Decoder => DecoderHandle,
        Base => BaseHandle,
        _ => 0,
    };

    private static nint Load(string name) => NativeLibrary.TryLoad(name, out nint handle) ? handle : 0;
}
