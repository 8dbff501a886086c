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

    /// <summary>All words in order; one without a sound of its own (a dash, say) lies where the one before it ends.</summary>
    public IReadOnlyList<WordTime> All()
    {
        var times = new WordTime[_words.Count];
        var last = TimeSpan.Zero;
        for (int i = 0; i < times.Length; i++)
        {
            var (begin, end) = _heard.TryGetValue(i, out var heard) ? (TimeSpan.FromSeconds(heard.Begin), TimeSpan.FromSeconds(heard.End)) : (last, last);
            begin = begin < last ? last : begin;
            last = end < begin ? begin : end;
            times[i] = new WordTime(_words[i].Start, _words[i].Length, begin, last);
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
