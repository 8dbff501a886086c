namespace VoiceCarnival.Testing.Audio;

/// <summary>Counts the words that a recogniser got wrong.</summary>
public static class WordError
{
    /// <summary>The same for texts: words are between spaces, and neither capitals nor marks count.</summary>
    public static int Count(string spoken, string understood) => Count(Words(spoken), Words(understood));

    /// <summary>The words of a text, as <see cref="Count(string, string)"/> compares them.</summary>
    public static string[] Words(string text) =>
        new string([.. text.ToLowerInvariant().Where(static c => char.IsLetterOrDigit(c) || c is ' ' or '\'')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Words to change, add or leave out to make the one of the other: edit distance.</summary>
    public static int Count(IReadOnlyList<string> spoken, IReadOnlyList<string> understood)
    {
        var row = Enumerable.Range(0, understood.Count + 1).ToArray();
        for (int i = 1; i <= spoken.Count; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= understood.Count; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (spoken[i - 1] == understood[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
