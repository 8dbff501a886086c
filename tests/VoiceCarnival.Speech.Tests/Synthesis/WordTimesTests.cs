using VoiceCarnival.Speech.Synthesis;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Synthesis;

public sealed class WordTimesTests
{
    // Tokens by the end of their text and their times, as flite tells them.
    private static string[] Times(string text, params (int End, double Begin, double Stop)[] tokens)
    {
        string plain = PlainText.Of(text, out var places);
        var times = new WordTimes(text, plain, places);
        foreach (var (end, begin, stop) in tokens)
            times.Add(end, (float)begin, (float)stop);
        return [.. times.All().Select(word => FormattableString.Invariant($"{text.Substring(word.Start, word.Length)} {word.Begin.TotalSeconds:0.0}-{word.End.TotalSeconds:0.0}"))];
    }

    [Fact]
    public void Words_GetTheTimesOfTheirTokens() => Assert.Equal(
        ["Hello, 0.1-0.5", "you 0.6-0.8"],
        Times("Hello, you", (7, 0.1, 0.5), (10, 0.6, 0.8)));

    [Fact]
    public void AWordOfSeveralTokens_LastsFromTheFirstToTheLast() => Assert.Equal(
        ["(well) 0.1-0.6"],
        Times("(well)", (1, -1, -1), (5, 0.1, 0.5), (6, 0.5, 0.6)));

    [Fact]
    public void LettersThatTakeMoreRoomWhenSpoken_KeepTheirWords() => Assert.Equal(
        ["5 0.1-0.3", "€ 0.3-0.6", "now 0.6-0.9"],
        Times("5 € now", (2, 0.1, 0.3), (8, 0.3, 0.6), (12, 0.6, 0.9)));

    [Fact]
    public void AWordWithoutSound_LiesWhereTheOneBeforeItEnds() => Assert.Equal(
        ["yes 0.1-0.4", "– 0.4-0.4", "no 0.5-0.7"],
        Times("yes – no", (4, 0.1, 0.4), (7, -1, -1), (9, 0.5, 0.7)));

    [Fact]
    public void TextWithoutWords_HasNoTimes() => Assert.Empty(Times("  ", (1, 0.1, 0.2)));

    [Fact]
    public void Times_NeverGoBackWhateverTheTokens()
    {
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            string text = string.Join(' ', Enumerable.Range(0, random.Next(12)).Select(_ => "wörd…"));
            string plain = PlainText.Of(text, out var places);
            var times = new WordTimes(text, plain, places);
            for (int t = random.Next(20); t > 0; t--)
                times.Add(random.Next(-5, 200), random.Next(9) == 0 ? float.NaN : (float)((random.NextDouble() * 6) - 1), (float)((random.NextDouble() * 6) - 1));

            var last = TimeSpan.Zero;
            Assert.All(times.All(), word =>
            {
                Assert.True(word.Begin >= last && word.End >= word.Begin);
                last = word.End;
            });
        }
    }
}
