using System.Globalization;
using System.Runtime.InteropServices;
using VoiceCarnival.Audio;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>PocketSphinx with its model for open English. Takes 0.3 to 1 s and 100 MB to make.</summary>
/// <remarks>
/// The library either normalises an utterance by its own mean, once it is there as a whole, and understands it well and late; or by the mean of what came before, and understands it at once and worse. So the mean is taken and
/// subtracted here: first a usual one, then that of what was heard so far. Where the two differ little, the words are the same. Nothing of an utterance is left in the decoder for the next: the same audio gives the same words.
/// </remarks>
internal sealed unsafe class PocketSphinxDecoder : ISpeechDecoder, IDisposable
{
    // Rows that the usual mean counts as much as, when nothing or little was heard.
    private const int PriorRows = 30;

    // From here on the mean of what was heard stands for itself.
    private const int TellingRows = 100;

    // How far a mean may be from the one that is gone by, in all its coefficients together, before words change that are hard to understand.
    private const float Tolerance = 2.5f;

    // The features of a row hold those of three rows beside it.
    private const int Context = 3;

    private const int RowsAtATime = 16;

    // Loading sets things that all decoders share, such as where messages go.
    private static readonly Lock Loading = new();

    private readonly PocketSphinxHandle _decoder;
    private readonly Cepstra _cepstra;
    private readonly float[] _prior;
    private readonly float[] _mean;
    private readonly float[] _newMean;
    private readonly float[] _normalised;
    private int _searched;
    private int _searchedBefore;
    private bool _isOpen;
    private string _words = "";

    /// <exception cref="InvalidDataException">The model cannot be loaded.</exception>
    public PocketSphinxDecoder(PocketSphinxModel model)
    {
        var features = FeatureSettings.Of(model);
        (_decoder, var front) = Load(model, features);
        _cepstra = new Cepstra(front);
        _prior = features.InitialMean(_cepstra.Width);
        _mean = new float[_cepstra.Width];
        _newMean = new float[_cepstra.Width];
        _normalised = new float[RowsAtATime * _cepstra.Width];
    }

    public string Words => _words;

    public void Begin()
    {
        _cepstra.Begin();
        _prior.CopyTo(_mean, 0);
        _searchedBefore = 0;
        Restart();
        _words = "";
    }

    public void Take(ReadOnlySpan<short> samples) => _cepstra.Add(samples);

    public void Adapt()
    {
        _cepstra.Mean(_newMean, _prior, _cepstra.Count >= TellingRows ? 0 : PriorRows);
        float distance = 0;
        for (int i = 0; i < _mean.Length; i++)
            distance += (_newMean[i] - _mean[i]) * (_newMean[i] - _mean[i]);
        if (_searched > 0 && distance <= Tolerance * Tolerance)
            return;
        _newMean.CopyTo(_mean, 0);
        if (_searched == 0)
            return;
        _searchedBefore = Math.Max(_searched, _searchedBefore);
        Restart();
    }

    public bool Search(int milliseconds)
    {
        int end = Math.Min(_cepstra.Count, _searched + Math.Max(1, milliseconds / Cepstra.RowMilliseconds));
        while (_searched < end)
        {
            int rows = Math.Min(RowsAtATime, end - _searched);
            for (int i = 0; i < rows; i++)
                Normalise(_searched + i, i);
            Feed(rows);
            _searched += rows;
        }

        // While it searches anew, the words that it had found stand.
        if (_searched >= _searchedBefore)
            _words = Found();
        return _searched < _cepstra.Count;
    }

    public string End()
    {
        _cepstra.End();
        Search(int.MaxValue);
        if (_searched > 0)
        {
            for (int i = 0; i < Context; i++)
                Normalise(_searched - 1, i);
            Feed(Context);
        }

        _ = PocketSphinxLibrary.End(_decoder);
        _isOpen = false;
        return _words = Found();
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _cepstra.Dispose();
        NativeHeap.Trim(); // two thirds of a decoder's would stay
    }

    private void Restart()
    {
        if (_isOpen)
            _ = PocketSphinxLibrary.End(_decoder);
        Check(PocketSphinxLibrary.Start(_decoder));
        _isOpen = true;
        _searched = 0;
    }

    private void Normalise(int row, int into)
    {
        var cepstrum = _cepstra[row];
        for (int k = 0; k < cepstrum.Length; k++)
            _normalised[(into * cepstrum.Length) + k] = cepstrum[k] - _mean[k];
    }

    private void Feed(int rows)
    {
        float** pointers = stackalloc float*[RowsAtATime];
        fixed (float* values = _normalised)
        {
            for (int i = 0; i < rows; i++)
                pointers[i] = values + (i * _cepstra.Width);
            // Without a search, the first ones make the library keep all features of the utterance: the ring that it has otherwise is too short for its look-ahead.
            Check(PocketSphinxLibrary.Process(_decoder, pointers, rows, noSearch: _searched == 0 ? 1 : 0, fullUtterance: 0));
        }
    }

    private static (PocketSphinxHandle Decoder, FrontEndHandle Front) Load(PocketSphinxModel model, FeatureSettings features)
    {
        // One pass, and then the best way through what it found, which costs 2 % more: at the end, and where the language model counts 8.75, a third less is wrong of flite's voices, and no more of real ones
        // (the library's own 9.5 errs more there). With 3,000 states at most in a frame it costs half and errs as little. Silence is not cut out, since the voice activity detector has done so. Its messages go nowhere.
        string[] arguments =
        [
            "pocketsphinx", "-hmm", model.Acoustic, "-lm", model.Language, "-dict", model.Dictionary,
            "-fwdflat", "no", "-bestpath", "yes", "-bestpathlw", "8.75", "-maxhmmpf", "3000", "-remove_silence", "no", "-logfn", "/dev/null",
            .. features.Arguments,
        ];
        lock (Loading)
        {
            nint parsed = PocketSphinxLibrary.ParseArguments(0, PocketSphinxLibrary.Definitions(), arguments.Length, arguments, strict: 0);
            if (parsed == 0)
                throw Damaged(model);
            var decoder = PocketSphinxLibrary.Create(parsed);
            var front = PocketSphinxLibrary.CreateFrontEnd(parsed);
            _ = PocketSphinxLibrary.FreeArguments(parsed); // Both hold on to them by a count of their own.
            if (!decoder.IsInvalid && !front.IsInvalid)
                return (decoder, front);
            decoder.Dispose();
            front.Dispose();
            throw Damaged(model);
        }
    }

    private string Found() => Marshal.PtrToStringUTF8(PocketSphinxLibrary.Hypothesis(_decoder, out _)) ?? "";

    private static void Check(int result)
    {
        if (result < 0)
            throw new InvalidOperationException("PocketSphinx failed on this audio.");
    }

    private static InvalidDataException Damaged(PocketSphinxModel model) => new($"PocketSphinx cannot load its model at {Path.GetDirectoryName(model.Acoustic)}.");

    /// <summary>How the acoustic model wants its features made, which it says in a file of its own, <c>feat.params</c>; save that the mean is subtracted here.</summary>
    private sealed record FeatureSettings(IReadOnlyList<string> Arguments, string? Mean)
    {
        public static FeatureSettings Of(PocketSphinxModel model)
        {
            string file = Path.Combine(model.Acoustic, "feat.params");
            string[] words = File.Exists(file) ? File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];
            var kept = new List<string>();
            string? mean = null;
            for (int i = 0; i + 1 < words.Length; i += 2)
            {
                if (words[i] == "-cmninit")
                    mean = words[i + 1];
                else if (words[i] != "-cmn")
                    kept.AddRange(words.AsSpan(i, 2));
            }

            // Read by the library itself, the file would count for more than what is said here.
            return new FeatureSettings([.. kept, "-cmn", "none", "-featparams", "/dev/null"], mean);
        }

        public float[] InitialMean(int width)
        {
            var mean = new float[width];
            string[] values = Mean?.Split(',') ?? ["40", "3", "-1"]; // the library's own default
            for (int i = 0; i < Math.Min(width, values.Length); i++)
                mean[i] = float.TryParse(values[i], NumberStyles.Float, CultureInfo.InvariantCulture, out float value) ? value : 0;
            return mean;
        }
    }
}
