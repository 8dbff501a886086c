using System.Globalization;
using System.Text;

namespace VoiceCarnival.Speech.Synthesis;

/// <summary>Which language a text is in, as far as its letters tell: those of the alphabets that English does not use.</summary>
internal static class Scripts
{
    // First and last letter of a script (Unicode's blocks) and the language that is read where nothing else is known.
    private static readonly (int First, int Last, string Language)[] Blocks =
    [
        (0x0370, 0x03FF, "el"), (0x1F00, 0x1FFF, "el"), (0x0400, 0x052F, "ru"), (0x0530, 0x058F, "hy"), (0x0590, 0x05FF, "he"), (0x0600, 0x06FF, "ar"), (0x0750, 0x077F, "ar"), (0x0900, 0x097F, "hi"),
        (0x0980, 0x09FF, "bn"), (0x0A00, 0x0A7F, "pa"), (0x0A80, 0x0AFF, "gu"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"), (0x0C80, 0x0CFF, "kn"), (0x0D00, 0x0D7F, "ml"), (0x0D80, 0x0DFF, "si"),
        (0x0E00, 0x0E7F, "th"), (0x1000, 0x109F, "my"), (0x10A0, 0x10FF, "ka"), (0x1100, 0x11FF, "ko"), (0x1200, 0x137F, "am"), (0x3040, 0x30FF, "ja"), (0x3400, 0x4DBF, "cmn"), (0x4E00, 0x9FFF, "cmn"),
        (0xAC00, 0xD7A3, "ko"), (0xF900, 0xFAFF, "cmn"), (0x20000, 0x323AF, "cmn"),
    ];

    /// <summary>The language that most of the letters are of; null where they are Latin ones, where there are none, and where their language is not known.</summary>
    public static string? LanguageOf(string text)
    {
        int others = 0;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune))
                continue;
            if (Find(rune.Value) is { } language)
                counts[language] = counts.GetValueOrDefault(language) + 1;
            else
                others++;
        }

        if (counts.Count == 0 || counts.Values.Sum() <= others)
            return null;
        // Japanese is written with Chinese characters, too, Chinese never with kana.
        return counts.ContainsKey("ja") ? "ja" : counts.MaxBy(static count => count.Value).Key;
    }

    /// <summary>There is something in it that is read aloud: a letter or a digit of any alphabet.</summary>
    public static bool HasWords(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber)
                return true;
        }

        return false;
    }

    /// <summary>
    /// The parts of a text that is mostly of Latin letters, by its words: those of other alphabets, by language, and those between them. Put together they are the text.
    /// </summary>
    public static IEnumerable<string> Parts(string text)
    {
        int start = 0;
        string? language = null;
        foreach (var (at, length) in WordTimes.WordsOf(text))
        {
            string word = text.Substring(at, length);
            // A number or a dash goes with what is before it.
            if (!word.Any(char.IsLetter) || LanguageOf(word) is var next && next == language)
                continue;
            if (text.AsSpan(start, at - start).ContainsAnyExcept(' '))
            {
                yield return text[start..at];
                start = at;
            }

            language = LanguageOf(word);
        }

        yield return text[start..];
    }

    private static string? Find(int rune)
    {
        foreach (var (first, last, language) in Blocks)
        {
            if (rune >= first && rune <= last)
                return language;
        }

        return null;
    }
}
