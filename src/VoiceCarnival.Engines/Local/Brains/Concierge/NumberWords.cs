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
            if (int.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out int digits))
            {
                numbers.Add(Math.Min(digits, 1000));
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

            int ten = Array.IndexOf(Tens, words[i]);
            int small = Array.IndexOf(Small, words[i]);
            if (ten >= 0)
            {
                int unit = i + 1 < words.Count ? Array.IndexOf(Small, words[i + 1], 1, 9) : -1;
                if (unit > 0)
                    i++;
                numbers.Add(((ten + 2) * 10) + Math.Max(unit, 0));
            }
            else if (small >= 0 && i + 1 < words.Count && words[i + 1] == "hundred")
            {
                numbers.Add(Math.Min(small * 100, 1000));
                i++;
            }
            else if (small >= 0)
            {
                numbers.Add(small);
            }
            else if (words[i] == "hundred")
            {
                numbers.Add(100);
            }
        }

        return numbers;
    }

    private static bool IsNumber(string word) => word == "hundred" || Small.Contains(word, StringComparer.Ordinal) || Tens.Contains(word, StringComparer.Ordinal) || word.All(char.IsAsciiDigit);
}
