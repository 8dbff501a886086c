using VoiceCarnival.Audio.Speech;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>
/// Finds which sounds belong to which word. flite tells the sounds and their times but not the words they are of, so the words are spoken once more, one by one, by its quickest voice, and both rows
/// of sounds are laid side by side with the fewest differences.
/// </summary>
internal static class WordTimes
{
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

    /// <summary>What to have spoken to hear the words one by one: a sentence of each.</summary>
    public static string Apart(string text, IReadOnlyList<(int Start, int Length)> words) =>
        string.Concat(words.Select(word => PlainText.Of(text.AsSpan(word.Start, word.Length)).Trim(' ', '.', ',', ';', ':', '!', '?', '"', '(', ')', '-') + ". "));

    /// <summary>Times of the words, one for each, in order.</summary>
    /// <param name="words">The words.</param>
    /// <param name="spoken">The sounds of the whole text.</param>
    /// <param name="apart">The sounds of the words one by one, with pauses between them.</param>
    public static IReadOnlyList<WordTime> Align(IReadOnlyList<(int Start, int Length)> words, IReadOnlyList<Phone> spoken, IReadOnlyList<Phone> apart)
    {
        var sounds = spoken.Where(phone => !phone.IsPause).ToArray();
        if (words.Count == 0 || sounds.Length == 0)
            return [];
        var expected = Expected(words, apart);
        var wordOf = Align(sounds, expected);

        var times = new WordTime[words.Count];
        var last = sounds[0].Begin;
        for (int w = 0, s = 0; w < words.Count; w++)
        {
            // A word without a sound of its own (a dash, say) lies where the one before it ends.
            var begin = s < sounds.Length && wordOf[s] == w ? sounds[s].Begin : last;
            for (; s < sounds.Length && wordOf[s] == w; s++)
                last = sounds[s].End;
            times[w] = new WordTime(words[w].Start, words[w].Length, begin, last);
        }

        return times;
    }

    // The sounds to expect, each with its word. Where the pauses do not tell the words apart, letters stand in for sounds.
    private static (string Name, int Word)[] Expected(IReadOnlyList<(int Start, int Length)> words, IReadOnlyList<Phone> apart)
    {
        var groups = new List<List<string>>();
        bool isPause = true;
        foreach (var phone in apart)
        {
            if (!phone.IsPause && isPause)
                groups.Add([]);
            if (!phone.IsPause)
                groups[^1].Add(phone.Name);
            isPause = phone.IsPause;
        }

        return groups.Count == words.Count
            ? [.. groups.SelectMany((group, word) => group.Select(name => (name, word)))]
            : [.. words.SelectMany((word, index) => Enumerable.Repeat((string.Empty, index), word.Length))];
    }

    // Edit distance; a sound that was not expected belongs to the word of the one before it.
    private static int[] Align(Phone[] sounds, (string Name, int Word)[] expected)
    {
        var cost = new int[sounds.Length + 1, expected.Length + 1];
        for (int i = 0; i <= sounds.Length; i++)
        {
            for (int j = 0; j <= expected.Length; j++)
            {
                cost[i, j] = i == 0 || j == 0
                    ? (i + j) * 2
                    : Math.Min(cost[i - 1, j - 1] + Difference(sounds[i - 1].Name, expected[j - 1].Name), Math.Min(cost[i - 1, j], cost[i, j - 1]) + 2);
            }
        }

        var wordOf = new int[sounds.Length];
        for (int i = sounds.Length, j = expected.Length; i > 0;)
        {
            if (j > 0 && cost[i, j] == cost[i - 1, j - 1] + Difference(sounds[i - 1].Name, expected[j - 1].Name))
                wordOf[--i] = expected[--j].Word;
            else if (j > 0 && cost[i, j] == cost[i, j - 1] + 2)
                j--;
            else
                wordOf[--i] = expected[Math.Max(j - 1, 0)].Word;
        }

        return wordOf;
    }

    // Vowels change with their neighbours, consonants hardly.
    private static int Difference(string a, string b) => a == b ? 0 : IsVowel(a) == IsVowel(b) ? 2 : 3;

    private static bool IsVowel(string name) => name.Length > 0 && name[0] is 'a' or 'e' or 'i' or 'o' or 'u';
}
