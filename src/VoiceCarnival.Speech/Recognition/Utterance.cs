using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// What one speaker says in one turn, as it comes. Words so far are those of a decoder that listens along; in every pause the whole is recognised anew, so that when the turn is over the words are mostly
/// there already. Takes and gives nothing but samples and text: whoever has it brings the audio and the time.
/// </summary>
/// <param name="decoder">Makes the words.</param>
/// <param name="detector">Finds the pauses; at 16 kHz.</param>
internal sealed class Utterance(ISpeechDecoder decoder, IVoiceActivityDetector detector)
{
    /// <summary>Samples per second.</summary>
    public const int SampleRate = 16_000;

    /// <summary>What is said beyond this, in samples, is not recognised: five minutes, as long as a turn may be.</summary>
    public const int MaxSamples = 300 * SampleRate;

    // Below this probability a frame is silence; as much of it in a row is a pause: shorter than what ends a turn, longer than a stop within a word.
    private const float Silence = 0.35f;
    private const int PauseSamples = SampleRate / 1000 * 128;

    private const int LeadIn = SampleRate / 2;

    // What is recognised as a whole: beyond the first, up to the next pause; beyond the second, wherever that is.
    private const int WholeSamples = 15 * SampleRate;
    private const int MostWholeSamples = 25 * SampleRate;

    private short[] _samples = new short[4 * SampleRate];
    private int _count;
    private int _judged;
    private int _silence;
    private bool _hasSpeech;

    // The text before _begin is final. From there to _recognised the whole is recognised as _text; what follows is listened to, once there is speech in it.
    private string _before = "";
    private int _begin;
    private string _text = "";
    private int _recognised;
    private bool _isListening;
    private bool _isDeaf;
    private string _heard = "";

    /// <summary>The words so far.</summary>
    public string Text => Join(Join(_before, _text), _heard);

    /// <summary>Takes what was said next.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="isBehind">
    /// More is there already: then it is not listened to until the next pause, and no whole is recognised, so that the decoder comes back to where the speaker is. The final words lack nothing.
    /// </param>
    public void Add(ReadOnlySpan<short> samples, bool isBehind = false)
    {
        samples = samples[..Math.Min(samples.Length, MaxSamples - _count)];
        if (_count + samples.Length > _samples.Length)
            Array.Resize(ref _samples, Math.Min(MaxSamples, Math.Max(2 * _samples.Length, _count + samples.Length)));
        samples.CopyTo(_samples.AsSpan(_count));
        int former = _count;
        _count += samples.Length;
        bool isSpeech = Judge();
        if (!_isListening && (isSpeech || _recognised == 0))
        {
            // At the very beginning everything is listened to, so that a soft start is not lost; after a pause, only what lies just before the speech.
            int from = Math.Max(_recognised, former - LeadIn);
            if (from > _recognised || _recognised - _begin > WholeSamples)
                KeepUpTo(from);
            _isDeaf = isBehind;
            if (!isBehind)
                decoder.Begin();
            _isListening = true;
            former = from;
        }

        _isDeaf |= isBehind;
        if (_isListening && !_isDeaf)
            _heard = decoder.Listen(_samples.AsSpan(former.._count));
        if (!isBehind && _isListening && _hasSpeech && _silence >= PauseSamples)
            Recognise();
        else if (_isListening && _count - _begin > MostWholeSamples)
        {
            Recognise();
            KeepUpTo(_count);
        }
    }

    /// <summary>The turn is over.</summary>
    /// <returns>The final words.</returns>
    public string Finish()
    {
        if (_isListening || _recognised == 0)
            Recognise();
        return Text;
    }

    /// <summary>The parts in which an utterance that is there as a whole is recognised: all of it, or where it is very long, parts that end where it is quietest.</summary>
    public static IEnumerable<ReadOnlyMemory<short>> Parts(ReadOnlyMemory<short> samples)
    {
        while (samples.Length > MostWholeSamples)
        {
            int end = QuietestIn(samples.Span, WholeSamples, MostWholeSamples);
            yield return samples[..end];
            samples = samples[end..];
        }

        yield return samples;
    }

    /// <summary>The words of one part after those of another.</summary>
    public static string Join(string a, string b) => a.Length == 0 ? b : b.Length == 0 ? a : a + " " + b;

    private void Recognise()
    {
        _text = _count > _begin ? decoder.Recognise(_samples.AsSpan(_begin.._count)) : "";
        _heard = "";
        _recognised = _count;
        _isListening = false;
        _hasSpeech = false;
    }

    private void KeepUpTo(int end)
    {
        _before = Join(_before, _text);
        _text = "";
        _begin = _recognised = end;
    }

    // Judges all whole frames that have come; says whether there is speech in them.
    private bool Judge()
    {
        bool isSpeech = false;
        for (; _count - _judged >= detector.FrameSamples; _judged += detector.FrameSamples)
        {
            if (detector.Process(_samples.AsSpan(_judged, detector.FrameSamples)) > Silence)
            {
                isSpeech = _hasSpeech = true;
                _silence = 0;
            }
            else
            {
                _silence += detector.FrameSamples;
            }
        }

        return isSpeech;
    }

    private static int QuietestIn(ReadOnlySpan<short> samples, int from, int to)
    {
        const int window = SampleRate / 10;
        int best = from;
        long least = long.MaxValue;
        for (int start = from; start + window <= to; start += window)
        {
            long loudness = 0;
            foreach (short sample in samples.Slice(start, window))
                loudness += Math.Abs((int)sample);
            if (loudness < least)
                (least, best) = (loudness, start + (window / 2));
        }

        return best;
    }
}
