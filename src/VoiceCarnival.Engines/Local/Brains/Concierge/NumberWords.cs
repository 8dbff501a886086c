using System.Globalization;

namespace VoiceCarnival.Engines.Local.Brains.Concierge;

/// <summary>English number words up to a hundred, both ways.</summary>
internal static class NumberWords
{
    private static readonly string[] Small =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
        "nineteen",
    ];

    private static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>The words of a number from 0 to 100.</summary>
    public static string Of(int number) => number switch
    {
        < 20 => Small[number],
        100 => "one hundred",
        _ when number % 10 == 0 => Tens[(number / 10) - 2],
        _ => $"{Tens[(number / 10) - 2]} {Small[number % 10]}",
    };

    /// <summary>All numbers in a row of words, in digits or in words; larger ones are cut to 1000.</summary>
    public static List<int> In(IReadOnlyList<string> words)
    {
        var numbers = new List<int>();
        for (int i = 0; i < words.Count; i++)
        {
            if (words[i].All(char.IsAsciiDigit))
            {
                numbers.Add(int.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out int digits) ? Math.Min(digits, 1000) : 1000);
                continue;
            }

            if (words[i] is "thousand" or "thousands" or "million" or "millions" or "billion" or "billions")
            {
                // "two thousand" is one number.
                if (i > 0 && numbers.Count > 0 && IsNumber(words[i - 1]))
                    numbers.RemoveAt(numbers.Count - 1);
                numbers.Add(1000);
                continue;
            }

            int hundreds = words[i] == "hundred" ? 1 : At(words, i + 1) == "hundred" ? Array.IndexOf(Small, words[i]) : -1;
            if (hundreds >= 0)
            {
                i += words[i] == "hundred" ? 0 : 1;
                // "one hundred and five" is one number.
                int next = At(words, i + 1) == "and" ? i + 2 : i + 1;
                int rest = BelowHundred(words, ref next);
                if (rest > 0)
                    i = next - 1;
                numbers.Add(Math.Min((hundreds * 100) + Math.Max(rest, 0), 1000));
                continue;
            }

            int end = i;
            if (BelowHundred(words, ref end) is >= 0 and int number)
            {
                numbers.Add(number);
                i = end - 1;
            }
        }

        return numbers;
    }

    // The number that begins at a place, which moves behind it; -1 where there is none.
    private static int BelowHundred(IReadOnlyList<string> words, ref int at)
    {
        int ten = Array.IndexOf(Tens, At(words, at));
        if (ten < 0)
        {
            int small = Array.IndexOf(Small, At(words, at));
            at += small < 0 ? 0 : 1;
            return small;
        }

        int unit = Array.IndexOf(Small, At(words, at + 1), 1, 9);
        at += unit > 0 ? 2 : 1;
        return ((ten + 2) * 10) + Math.Max(unit, 0);
    }

    private static string? At(IReadOnlyList<string> words, int index) => index < words.Count ? words[index] : null;

    private static bool IsNumber(string word) => word == "hundred" || Small.Contains(word, StringComparer.Ordinal) || Tens.Contains(word, StringComparer.Ordinal) || word.All(char.IsAsciiDigit);
}
