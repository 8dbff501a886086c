using VoiceCarnival.Audio.VoiceActivity;

namespace VoiceCarnival.Speech.Recognition;

/// <summary>
/// What one speaker says in one turn, as it comes. A decoder searches it while it is spoken, and adapts to the speaker on the way and in every pause, so that when the turn is over the words are mostly there already. Takes and
/// gives nothing but samples and text: whoever has it brings the audio and the time.
/// </summary>
/// <param name="decoder">Makes the words.</param>
/// <param name="detector">Finds the pauses; at 16 kHz.</param>
internal sealed class Utterance(ISpeechDecoder decoder, IVoiceActivityDetector detector)
{
    /// <summary>Samples per second.</summary>
    public const int SampleRate = 16_000;

    /// <summary>What is said beyond this, in samples, is not recognised: five minutes, as long as a turn may be.</summary>
    public const int MaxSamples = 300 * SampleRate;

    /// <summary>How much is searched in one go, in milliseconds of sound: some 50 ms of work.</summary>
    public const int StepMilliseconds = 160;

    // Below this probability a frame is silence; as much of it in a row is a pause: shorter than what ends a turn, longer than a stop within a word.
    private const float Silence = 0.35f;
    private const int PauseSamples = SampleRate / 1000 * 64;

    // Sound before speech that is searched with it, so that a soft start is not lost. After as much silence the search rests; after twice as much, what follows is searched for itself.
    private const int LeadIn = SampleRate / 2;

    // What is searched as a whole: beyond the first, up to the next pause; beyond the second, wherever that is.
    private const int WholeSamples = 15 * SampleRate;
    private const int MostWholeSamples = 25 * SampleRate;

    // When the decoder adapts while somebody speaks, and then each time when twice as much was heard; not while it is behind, which it would come to be even more.
    private const int FirstAdaption = SampleRate;

    private readonly short[] _lead = new short[LeadIn];
    private readonly short[] _frame = new short[detector.FrameSamples];
    private int _framed;
    private int _leadCount;
    private int _total;
    private int _silence;
    private bool _hasSpeech;
    private bool _isResting;

    // The text before is final; what follows is with the decoder.
    private string _before = "";
    private int _taken;
    private int _nextAdaption = FirstAdaption;
    private bool _isOpen;
    private bool _hasMore;

    /// <summary>The words so far.</summary>
    public string Text => _isOpen ? Join(_before, decoder.Words) : _before;

    /// <summary>There is sound that was not searched yet.</summary>
    public bool HasMore => _isOpen && _hasMore;

    /// <summary>There is so much of it that it is better searched before more is taken.</summary>
    public bool IsFull => HasMore && _taken > WholeSamples;

    /// <summary>Takes what was said next.</summary>
    public void Add(ReadOnlySpan<short> samples)
    {
        samples = samples[..Math.Min(samples.Length, MaxSamples - _total)];
        _total += samples.Length;
        while (!samples.IsEmpty)
        {
            int count = Math.Min(_frame.Length - _framed, samples.Length);
            samples[..count].CopyTo(_frame.AsSpan(_framed));
            _framed += count;
            samples = samples[count..];
            if (_framed < _frame.Length)
                return;
            _framed = 0;
            Add(detector.Process(_frame) > Silence);
        }
    }

    /// <summary>Searches on for a moment.</summary>
    public void Search() => _hasMore = _isOpen && decoder.Search(StepMilliseconds);

    /// <summary>The turn is over: nothing more comes.</summary>
    public void End()
    {
        Take(_frame.AsSpan(0, _framed));
        _framed = 0;
        // After a pause, that was done when it began.
        if (_hasSpeech)
            Adapt();
    }

    /// <summary>The final words; what <see cref="HasMore"/> tells of is searched now, unless it was before.</summary>
    public string Finish()
    {
        EndPart();
        return _before;
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

    private void Add(bool isSpeech)
    {
        _silence = isSpeech ? 0 : _silence + _frame.Length;
        if (_isResting && !isSpeech)
        {
            KeepLead();
            return;
        }

        if (_isResting)
            Resume();
        bool isBehind = _hasMore;
        Take(_frame);
        bool isPause = _hasSpeech && _silence >= PauseSamples;
        _hasSpeech = (_hasSpeech && !isPause) || isSpeech;
        if (isPause || (_hasSpeech && _taken >= _nextAdaption && !isBehind))
        {
            Adapt();
            while (_nextAdaption <= _taken)
                _nextAdaption *= 2;
        }

        bool isLong = _taken > MostWholeSamples || (isPause && _taken > WholeSamples);
        bool rests = !_hasSpeech && _taken > _silence && (isLong || _silence > LeadIn);
        if (isLong)
            EndPart();
        if (rests)
            (_isResting, _leadCount) = (true, 0);
    }

    // Speech again. After a long silence it is a part of its own.
    private void Resume()
    {
        _isResting = false;
        if (_leadCount == _lead.Length)
            EndPart();
        Take(_lead.AsSpan(0, _leadCount));
        _leadCount = 0;
    }

    private void Adapt()
    {
        if (!_isOpen)
            return;
        decoder.Adapt();
        _hasMore = true;
    }

    private void KeepLead()
    {
        int excess = Math.Max(0, _leadCount + _frame.Length - _lead.Length);
        _lead.AsSpan(excess, _leadCount - excess).CopyTo(_lead);
        _leadCount -= excess;
        _frame.CopyTo(_lead.AsSpan(_leadCount));
        _leadCount += _frame.Length;
    }

    private void Take(ReadOnlySpan<short> samples)
    {
        if (samples.IsEmpty)
            return;
        if (!_isOpen)
        {
            decoder.Begin();
            (_isOpen, _taken, _nextAdaption) = (true, 0, FirstAdaption);
        }

        decoder.Take(samples);
        _taken += samples.Length;
        _hasMore = true;
    }

    private void EndPart()
    {
        if (!_isOpen)
            return;
        _before = Join(_before, decoder.End());
        _isOpen = _hasMore = false;
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
