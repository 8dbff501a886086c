namespace VoiceCarnival.Speech.Tests.Recognition;

/// <summary>Counts the words that a recogniser got wrong.</summary>
internal static class WordError
{
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
