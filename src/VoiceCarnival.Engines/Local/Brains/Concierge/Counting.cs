using System.Globalization;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>Counts aloud, up or down and in steps, as far as one hundred.</summary>
internal static class Counting
{
    private const int MostCounted = 100;

    /// <summary>It is to count. A recogniser writes "come" for it now and then.</summary>
    public static bool IsAsked(Words said) =>
        (said.Has("count", "countdown", "counting") && !said.Has("count me", "count on", "counting on", "counted on"))
        || (said.Has("come down from", "come to", "come from") && NumberWords.In(said.All).Count > 0);

    /// <summary>The numbers that were asked for, or why not.</summary>
    public static string Of(Words said)
    {
        if (said.Has("minus", "negative") || said.HasNegativeNumber)
            return "I count with numbers from zero to one hundred only.";
        var words = said.All.ToList();
        int step = TakeStep(words);
        var numbers = NumberWords.In(words);
        // A recogniser writes "two" for "to".
        if (numbers.Count == 2 && numbers[0] == 2 && said.Has("count two"))
            numbers.RemoveAt(0);
        else if (numbers.Count == 3 && numbers[1] == 2)
            numbers.RemoveAt(1);
        bool isDown = said.Has("down", "countdown", "backwards", "backward");
        var (from, to) = numbers switch
        {
            [int a, int b, ..] => (a, b),
            [int a] when isDown => (a, Math.Min(a, 1)),
            [int a] => (Math.Min(step, a), a),
            _ => isDown ? (10, 1) : (step, step * 10),
        };
        if (from > MostCounted || to > MostCounted || step > MostCounted)
            return "I count up to one hundred.";
        var counted = Enumerable.Range(0, (Math.Abs(to - from) / step) + 1).Select(i => NumberWords.Of(from + (i * step * Math.Sign(to - from))));
        string row = string.Join(", ", counted);
        return string.Concat(char.ToUpper(row[0], CultureInfo.InvariantCulture).ToString(), row.AsSpan(1), ".");
    }

    // "by twos", "in steps of five": the words go, so that what is left are the ends.
    private static int TakeStep(List<string> words)
    {
        for (int i = 0; i + 1 < words.Count; i++)
        {
            int at = words[i] switch
            {
                "by" or "in" => i + 1,
                "steps" or "step" when words[i + 1] == "of" => i + 2,
                _ => words.Count,
            };
            if (at < words.Count && NumberWords.In([Singular(words[at])]) is [> 0 and int step])
            {
                words.RemoveRange(i, at - i + 1);
                return step;
            }
        }

        return 1;
    }

    private static string Singular(string word) => word switch
    {
        "sixes" => "six",
        "twenties" => "twenty",
        _ => word.Length > 3 && word[^1] == 's' ? word[..^1] : word,
    };
}
