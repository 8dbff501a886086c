using System.Runtime.InteropServices;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>PocketSphinx with its model for open English. Takes 0.3 to 1 s to make, and again when it first listens.</summary>
/// <remarks>
/// Two decoders of the library: one listens, the other recognises wholes. What one has listened to leaves traces in it that make it err more with wholes: without them the same audio gives the same words, whatever
/// came before.
/// </remarks>
internal sealed class PocketSphinxDecoder : ISpeechDecoder, IDisposable
{
    // Loading sets things that all decoders share, such as where messages go.
    private static readonly Lock Loading = new();

    private readonly PocketSphinxModel _model;
    private readonly PocketSphinxHandle _whole;
    private PocketSphinxHandle? _listener;
    private bool _isListening;

    /// <exception cref="InvalidDataException">The model cannot be loaded.</exception>
    public PocketSphinxDecoder(PocketSphinxModel model)
    {
        _model = model;
        _whole = Load(model);
    }

    public void Begin()
    {
        _listener ??= Load(_model);
        if (_isListening)
            _ = PocketSphinxLibrary.End(_listener);
        Check(PocketSphinxLibrary.Start(_listener));
        _isListening = true;
    }

    public string Listen(ReadOnlySpan<short> samples)
    {
        var listener = _listener ?? throw new InvalidOperationException("It has not begun to listen.");
        Check(PocketSphinxLibrary.Process(listener, samples, (nuint)samples.Length, noSearch: 0, fullUtterance: 0));
        return Words(listener);
    }

    public string Recognise(ReadOnlySpan<short> samples)
    {
        if (samples.IsEmpty)
            return "";
        Check(PocketSphinxLibrary.ForgetNoise(_whole));
        Check(PocketSphinxLibrary.Start(_whole));
        int result = PocketSphinxLibrary.Process(_whole, samples, (nuint)samples.Length, noSearch: 0, fullUtterance: 1);
        _ = PocketSphinxLibrary.End(_whole);
        Check(result);
        return Words(_whole);
    }

    public void Dispose()
    {
        _whole.Dispose();
        _listener?.Dispose();
    }

    private static PocketSphinxHandle Load(PocketSphinxModel model)
    {
        // One pass, without a second one over its lattice: on the speech of pocketsphinx-testdata that errs less than both. With 3,000 states at most in a frame it costs half and errs as little.
        // Silence is not cut out, since the voice activity detector has done so. Its messages go nowhere.
        string[] arguments =
        [
            "pocketsphinx", "-hmm", model.Acoustic, "-lm", model.Language, "-dict", model.Dictionary,
            "-fwdflat", "no", "-bestpath", "no", "-maxhmmpf", "3000", "-remove_silence", "no", "-logfn", "/dev/null",
        ];
        lock (Loading)
        {
            nint parsed = PocketSphinxLibrary.ParseArguments(0, PocketSphinxLibrary.Definitions(), arguments.Length, arguments, 1);
            if (parsed == 0)
                throw Damaged(model);
            var decoder = PocketSphinxLibrary.Create(parsed);
            _ = PocketSphinxLibrary.FreeArguments(parsed); // The decoder holds on to them by a count of its own.
            return decoder.IsInvalid ? throw Damaged(model) : decoder;
        }
    }

    private static string Words(PocketSphinxHandle decoder) => Marshal.PtrToStringUTF8(PocketSphinxLibrary.Hypothesis(decoder, out _)) ?? "";

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException("PocketSphinx failed on this audio.");
    }

    private static InvalidDataException Damaged(PocketSphinxModel model) => new($"PocketSphinx cannot load its model at {Path.GetDirectoryName(model.Acoustic)}.");
}
