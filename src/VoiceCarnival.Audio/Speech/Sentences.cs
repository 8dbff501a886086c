namespace VoiceCarnival.Audio.Speech;

/// <summary>Cuts text into what is spoken in one go: sentences, and pieces of very long ones, so that the first sound does not wait for the last word.</summary>
public static class Sentences
{
    /// <summary>No piece is longer, in characters.</summary>
    public const int MaxLength = 240;

    // From here on a comma is as good as a full stop.
    private const int LongEnough = 120;

    private static readonly string[] Abbreviations = ["mr", "mrs", "ms", "dr", "st", "prof", "jr", "sr", "vs", "etc", "e.g", "i.e", "no"];

    /// <summary>The pieces, in order; put together they are the text.</summary>
    public static IEnumerable<string> Of(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int end = EndOf(text, start);
            yield return text[start..end];
            start = end;
        }
    }

    /// <summary>Where the first sentence of a text that is still being written ends, or -1 when it may go on.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where that sentence begins.</param>
    public static int FirstEnd(string text, int start = 0)
    {
        int end = EndOf(text, start);
        return end < text.Length ? end : -1;
    }

    private static int EndOf(string text, int start)
    {
        int space = -1;
        for (int i = start; i < text.Length; i++)
        {
            if (i - start >= MaxLength)
                return space > start ? space + 1 : char.IsLowSurrogate(text[i]) ? i - 1 : i;
            char c = text[i];
            if (char.IsWhiteSpace(c))
                space = i;
            bool ends = c switch
            {
                '.' or '!' or '?' or '…' or '।' or '॥' or '؟' or '۔' => IsEnd(text, start, i),
                '。' or '！' or '？' or '｡' or '\n' => true, // Chinese and Japanese have no space after it
                ',' or ';' or ':' or '،' or '؛' => i - start >= LongEnough && Breaks(text, i),
                '，' or '、' or '；' or '：' => i - start >= LongEnough,
                _ => false,
            };
            if (!ends)
                continue;
            // What closes the sentence belongs to it, and so does the space after it.
            do
                i++;
            while (i < text.Length && i - start < MaxLength && (Closes(text[i]) || char.IsWhiteSpace(text[i])));
            return i;
        }

        return text.Length;
    }

    private static bool IsEnd(string text, int start, int stop)
    {
        if (!Breaks(text, stop))
            return false;
        if (text[stop] != '.')
            return true;
        int word = stop;
        while (word > start && !char.IsWhiteSpace(text[word - 1]))
            word--;
        var last = text.AsSpan(word, stop - word);
        foreach (string abbreviation in Abbreviations)
        {
            if (last.Equals(abbreviation, StringComparison.OrdinalIgnoreCase))
                return false;
        }

        return !(last.Length == 1 && char.IsUpper(last[0]) && last[0] != 'I'); // J. S. Bach
    }

    private static bool Breaks(string text, int at)
    {
        // A row of full stops as long as a sentence is one.
        int next = at + 1, last = Math.Min(text.Length, at + MaxLength);
        while (next < last && Closes(text[next]))
            next++;
        return next >= last || char.IsWhiteSpace(text[next]);
    }

    private static bool Closes(char c) => c is '.' or '!' or '?' or '…' or '"' or '\'' or ')' or '”' or '’' or '»' or '。' or '！' or '？' or '」' or '』' or '）' or '।' or '؟' or '۔';
}
