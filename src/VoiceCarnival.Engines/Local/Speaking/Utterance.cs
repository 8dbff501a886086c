using VoiceCarnival.Audio;
using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Engines.Local.Speaking;

/// <summary>A stretch of speech with its words: a clip that is there, or a sentence whose sound is still being made.</summary>
internal sealed class Utterance : IVoiceSink
{
    // Speech that is not made yet, and whose words have no times, is taken to be this fast.
    private const int GuessedMillisecondsPerCharacter = 65;

    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private List<WordTime>? _words;
    private int _leftOut;
    private int _piece;
    private int _offset;

    /// <summary>A sentence whose sound will come.</summary>
    public Utterance(string transcript, AudioFormat format)
    {
        Transcript = transcript;
        Format = format;
    }

    /// <summary>A clip that is there. Where its words are in it is not known.</summary>
    public Utterance(string transcript, AudioClip clip)
        : this(transcript, clip.Format)
    {
        Add(clip.Bytes);
        Complete();
        IsClip = true;
    }

    /// <summary>What is said: the sentence without the words that the voice leaves out, as far as that is known.</summary>
    public string Transcript { get; private set; }

    public AudioFormat Format { get; }

    /// <summary>True for sound that was not made from the transcript.</summary>
    public bool IsClip { get; }

    /// <summary>Bytes that have come so far.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that were taken so far.</summary>
    public int Taken { get; private set; }

    /// <summary>True when all of the sound has come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Problem { get; private set; }

    public bool HasMore => Taken < Length;

    /// <summary>Bytes that <see cref="Take"/> gives at most in one go; 0 when there are none.</summary>
    public int NextLength => HasMore ? _pieces[_piece].Length - _offset : 0;

    /// <inheritdoc/>
    public void AddWords(IReadOnlyList<WordTime> words)
    {
        int told = Taken > 0 ? TranscriptUpTo(Taken) : 0;
        foreach (var word in words)
        {
            int start = word.Start - _leftOut;
            if (!word.IsLeftOut)
                (_words ??= []).Add(word with { Start = start });
            else if (start >= told && start <= Transcript.Length)
                LeaveOut(start, word.Length);
        }
    }

    private void LeaveOut(int start, int length)
    {
        int end = Math.Clamp(start + length, start, Transcript.Length);
        while (end < Transcript.Length && char.IsWhiteSpace(Transcript[end]))
            end++;
        Transcript = Transcript.Remove(start, end - start);
        _leftOut += end - start;
    }

    /// <inheritdoc/>
    public void Add(ReadOnlyMemory<byte> piece)
    {
        if (IsComplete || piece.IsEmpty)
            return;
        _pieces.Add(piece);
        Length += piece.Length;
    }

    /// <inheritdoc/>
    public void Complete() => IsComplete = true;

    /// <inheritdoc/>
    public void Fail(string problem)
    {
        Problem = problem;
        Complete();
    }

    /// <summary>Takes up to so many bytes that lie together.</summary>
    public ReadOnlyMemory<byte> Take(int most)
    {
        if (!HasMore)
            return default;
        var piece = _pieces[_piece][_offset..];
        if (piece.Length > most)
            piece = piece[..most];
        Taken += piece.Length;
        _offset += piece.Length;
        if (_offset == _pieces[_piece].Length)
        {
            _piece++;
            _offset = 0;
        }

        return piece;
    }

    /// <summary>All that was taken, in one stretch; without a copy where it came in one piece.</summary>
    public ReadOnlyMemory<byte> TakenAudio()
    {
        if (_pieces.Count == 1)
            return _pieces[0][..Taken];
        var all = new byte[Taken];
        CopyTaken(all);
        return all;
    }

    /// <summary>The same, to a place of one's own.</summary>
    public void CopyTaken(Span<byte> target)
    {
        int at = 0;
        foreach (var piece in _pieces)
        {
            var part = piece.Span[..Math.Min(piece.Length, Taken - at)];
            part.CopyTo(target[at..]);
            at += part.Length;
        }
    }

    /// <summary>How much of the transcript belongs to the sound up to here: whole words, of which the last has at least begun.</summary>
    public int TranscriptUpTo(int bytes)
    {
        if (Problem is null && IsComplete && bytes >= Length)
            return Transcript.Length;
        if (bytes <= 0)
            return 0;
        int end = 0;
        if (_words is { } words)
        {
            var heard = TimeSpan.FromMilliseconds((double)bytes / Format.BytesPerMillisecond);
            for (int i = 0; i < words.Count && words[i].Begin < heard; i++)
                end = EndOf(words[i]);
        }
        else
        {
            end = (int)Math.Min(Transcript.Length, (long)bytes * Transcript.Length / Whole);
        }

        // The space after a word belongs to it, so that what follows begins with a word.
        while (end < Transcript.Length && !char.IsWhiteSpace(Transcript[end]))
            end++;
        while (_words is not null && end > 0 && end < Transcript.Length && char.IsWhiteSpace(Transcript[end]))
            end++;
        return end;
    }

    /// <summary>The words by where they end in the transcript and when half of each has been heard, ms; empty where that is not known.</summary>
    public IEnumerable<(int End, long HeardAtMs)> HeardWords()
    {
        if (_words is { } words)
        {
            foreach (var word in words)
                yield return (EndOf(word), (long)(word.Begin + ((word.End - word.Begin) / 2)).TotalMilliseconds);
        }
        else if (!IsClip)
        {
            // Spread over the sound as the letters are.
            for (int i = 0; i < Transcript.Length; i++)
            {
                int start = i;
                while (i < Transcript.Length && !char.IsWhiteSpace(Transcript[i]))
                    i++;
                if (i > start)
                    yield return (i, (start + i) * Whole / (2L * Transcript.Length * Format.BytesPerMillisecond));
            }
        }
    }

    // Length of all the sound, guessed while it is coming.
    private long Whole => Math.Max(1, IsComplete && Problem is null ? Length : Math.Max(Length, (long)Transcript.Length * GuessedMillisecondsPerCharacter * Format.BytesPerMillisecond));

    private int EndOf(WordTime word) => Math.Clamp(word.Start + word.Length, 0, Transcript.Length);
}
