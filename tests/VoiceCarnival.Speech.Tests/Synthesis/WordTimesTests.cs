using VoiceCarnival.Speech.Synthesis;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Synthesis;

public sealed class WordTimesTests
{
    private static IReadOnlyList<Phone> Phones(string names)
    {
        int end = 0;
        return Phone.Parse(string.Join(' ', names.Split(' ').Select(name => FormattableString.Invariant($"{name}:{++end / 10.0}"))));
    }

    private static string[] Align(string text, string spoken, string apart)
    {
        var times = WordTimes.Align(WordTimes.WordsOf(text), Phones(spoken), Phones(apart));
        return [.. times.Select(word => $"{text.Substring(word.Start, word.Length)} {word.Begin.TotalSeconds:0.0}-{word.End.TotalSeconds:0.0}")];
    }

    [Fact]
    public void Words_GetTheTimesOfTheirSounds() => Assert.Equal(
        ["Hello, 0.1-0.5", "you 0.6-0.8"],
        Align("Hello, you", "pau hh ax l ow pau y uw pau", "pau hh ax l ow pau y uw pau"));

    [Fact]
    public void SoundsThatChangeWithTheirNeighbours_StayWithTheirWord() => Assert.Equal(
        ["the 0.1-0.3", "apple 0.3-0.6", "fell 0.6-0.8"],
        Align("the apple fell", "pau dh iy ae p ax f ax pau", "pau dh ax pau ae p ax l pau f eh l pau"));

    [Fact]
    public void ADash_LiesWhereTheWordBeforeItEnds()
    {
        string[] times = Align("yes – no", "pau y eh s pau n ow pau", "pau y eh s pau n ow pau");

        Assert.Equal(3, times.Length);
        Assert.StartsWith("yes 0.1", times[0]);
        Assert.EndsWith("-0.7", times[2]);
    }

    [Fact]
    public void TextWithoutSounds_HasNoTimes() => Assert.Empty(Align("…", "pau", "pau"));

    [Fact]
    public void Parse_SkipsWhatItDoesNotKnow() => Assert.Equal(["hh", "ow"], Phone.Parse("nonsense hh:0.1 :0.2 x:y ow:0.3").Select(phone => phone.Name));

    [Fact]
    public void Times_NeverGoBackWhateverTheSounds()
    {
        var random = new Random(1);
        string[] names = ["pau", "hh", "ax", "l", "ow", "t", "iy"];
        for (int i = 0; i < 500; i++)
        {
            string Some() => string.Join(' ', Enumerable.Range(0, random.Next(1, 40)).Select(_ => names[random.Next(names.Length)]));
            string text = string.Join(' ', Enumerable.Range(0, random.Next(12)).Select(_ => "word"));

            var times = WordTimes.Align(WordTimes.WordsOf(text), Phones(Some()), Phones(Some()));

            var last = TimeSpan.Zero;
            Assert.All(times, word =>
            {
                Assert.True(word.Begin >= last && word.End >= word.Begin);
                last = word.Begin;
            });
        }
    }
}
