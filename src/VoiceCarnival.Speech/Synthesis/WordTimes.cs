using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>The words of a sentence and when they are heard, from the times of flite's tokens, which are of the plain text that it was given.</summary>
/// <param name="text">The sentence.</param>
/// <param name="plain">What flite was given.</param>
/// <param name="places">Of every character of that, which character of the sentence it stands for.</param>
internal sealed class WordTimes(string text, string plain, IReadOnlyList<int> places)
{
    private readonly List<(int Start, int Length)> _words = WordsOf(text);
    private readonly Dictionary<int, (float Begin, float End)> _heard = [];

    /// <summary>The words of a text spread over its sound by their letters, where nothing else is known.</summary>
    public static IReadOnlyList<WordTime> Spread(string text, TimeSpan sound) =>
        [.. WordsOf(text).Select(word => new WordTime(word.Start, word.Length, sound * ((double)word.Start / text.Length), sound * ((double)(word.Start + word.Length) / text.Length)))];

    /// <summary>The words of a text: runs of characters without a space, by place and length.</summary>
    public static List<(int Start, int Length)> WordsOf(string text)
    {
        var words = new List<(int, int)>();
        for (int i = 0; i < text.Length; i++)
        {
            int start = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i]))
                i++;
            if (i > start)
                words.Add((start, i - start));
        }

        return words;
    }

    /// <summary>Takes a token: <see cref="IFliteListener.OnToken"/>.</summary>
    public void Add(int textEnd, float begin, float end)
    {
        if (!(begin >= 0 && end >= begin && end < 3600))
            return;
        int last = Math.Clamp(textEnd, 0, plain.Length) - 1;
        while (last > 0 && char.IsWhiteSpace(plain[last]))
            last--;
        if (last < 0)
            return;
        int word = WordAt(places[last]);
        if (word >= 0)
            _heard[word] = _heard.TryGetValue(word, out var former) ? (former.Begin, Math.Max(former.End, end)) : (begin, end);
    }

    /// <summary>All words in order; one without a sound of its own (a dash, say) lies where the one before it ends. One whose letters are all left out is left out.</summary>
    public IReadOnlyList<WordTime> All()
    {
        var times = new WordTime[_words.Count];
        var hasLetters = new bool[_words.Count];
        for (int i = 0; i < plain.Length; i++)
        {
            if (char.IsAsciiLetterOrDigit(plain[i]) && WordAt(places[i]) is >= 0 and int word)
                hasLetters[word] = true;
        }

        var last = TimeSpan.Zero;
        for (int i = 0; i < times.Length; i++)
        {
            var (begin, end) = _heard.TryGetValue(i, out var heard) ? (TimeSpan.FromSeconds(heard.Begin), TimeSpan.FromSeconds(heard.End)) : (last, last);
            begin = begin < last ? last : begin;
            last = end < begin ? begin : end;
            var (start, length) = _words[i];
            times[i] = new WordTime(start, length, begin, last) { IsLeftOut = !hasLetters[i] && Scripts.HasWords(text.AsSpan(start, length)) };
        }

        return times;
    }

    // The last word that begins at a place or before it.
    private int WordAt(int place)
    {
        int low = 0, high = _words.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_words[middle].Start <= place)
                low = middle;
            else
                high = middle - 1;
        }

        return high < 0 || _words[low].Start > place ? -1 : low;
    }
}
