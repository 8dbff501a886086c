using System.Text;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>What somebody said, as plain words: lower case, without punctuation.</summary>
internal sealed class Words
{
    // Longer turns are searched up to here only.
    private const int MaxCharacters = 2000;

    public Words(string text)
    {
        Original = text.Trim();
        var plain = new StringBuilder();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxCharacters)))
        {
            if (char.IsLetterOrDigit(c))
                plain.Append(char.ToLowerInvariant(c));
            else if (c is not ('\'' or '’'))
                plain.Append(' ');
        }

        All = plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        _line = $" {string.Join(' ', All)} ";
    }

    private readonly string _line;

    /// <summary>As it was said or typed.</summary>
    public string Original { get; }

    public IReadOnlyList<string> All { get; }

    public bool IsEmpty => All.Count == 0;

    /// <summary>There is a number with a minus sign, which is not a range as in 1-10.</summary>
    public bool HasNegativeNumber
    {
        get
        {
            for (int i = Original.IndexOf('-', StringComparison.Ordinal); i >= 0; i = Original.IndexOf('-', i + 1))
            {
                if (i + 1 < Original.Length && char.IsAsciiDigit(Original[i + 1]) && (i == 0 || !char.IsLetterOrDigit(Original[i - 1])))
                    return true;
            }

            return false;
        }
    }

    /// <summary>One of these words or rows of words occurs.</summary>
    public bool Has(params ReadOnlySpan<string> phrases)
    {
        foreach (string phrase in phrases)
        {
            if (_line.Contains($" {phrase} ", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>Nothing but one of these was said; a "please" or the like does not count.</summary>
    public bool Is(params ReadOnlySpan<string> phrases)
    {
        int from = 0, to = All.Count;
        while (from < to && IsEmptyWord(All[from]))
            from++;
        while (from < to && IsEmptyWord(All[to - 1]))
            to--;
        string said = string.Join(' ', All.Skip(from).Take(to - from));
        foreach (string phrase in phrases)
        {
            if (said == phrase)
                return true;
        }

        return false;

        static bool IsEmptyWord(string word) => word is "please" or "oh" or "well" or "um" or "uh" or "so" or "now" or "just";
    }

    /// <summary>What was said after one of these rows of words, as it was said; null where nothing was.</summary>
    public string? OriginalAfter(params ReadOnlySpan<string> phrases)
    {
        foreach (string phrase in phrases)
        {
            for (int at = Original.IndexOf(phrase, StringComparison.OrdinalIgnoreCase); at >= 0; at = Original.IndexOf(phrase, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                int end = at + phrase.Length;
                if ((at == 0 || !char.IsLetterOrDigit(Original[at - 1])) && end < Original.Length && !char.IsLetterOrDigit(Original[end])
                    && Original[end..].Trim(' ', ',', ':', '-') is { Length: > 0 } rest && rest.Any(char.IsLetterOrDigit))
                    return rest;
            }
        }

        return null;
    }

    /// <summary>The words after the first of these that occurs; null when none does.</summary>
    public string[]? After(params ReadOnlySpan<string> phrases)
    {
        foreach (string phrase in phrases)
        {
            int at = _line.IndexOf($" {phrase} ", StringComparison.Ordinal);
            if (at >= 0)
                return _line[(at + phrase.Length + 2)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        return null;
    }
}
