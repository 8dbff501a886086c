using VoiceCarnival.Audio.Speech;
using Xunit;

namespace VoiceCarnival.Audio.Tests.Speech;

public sealed class SentencesTests
{
    [Theory]
    [InlineData("Hello.", "Hello.")]
    [InlineData("Hello. How are you? Fine!", "Hello. |How are you? |Fine!")]
    [InlineData("It costs 3.50 dollars. Yes.", "It costs 3.50 dollars. |Yes.")]
    [InlineData("Ask Dr. Smith or J. S. Bach. Then come.", "Ask Dr. Smith or J. S. Bach. |Then come.")]
    [InlineData("So do I. He said \"no.\" Really?! Yes...", "So do I. |He said \"no.\" |Really?! |Yes...")]
    [InlineData("One\nTwo\n\nThree", "One\n|Two\n\n|Three")]
    [InlineData("no end", "no end")]
    [InlineData("你好。今天天气很好！「是吗？」好。", "你好。|今天天气很好！|「是吗？」|好。")]
    [InlineData("नमस्ते। आप कैसे हैं? ठीक।", "नमस्ते। |आप कैसे हैं? |ठीक।")]
    [InlineData("كيف حالك؟ بخير.", "كيف حالك؟ |بخير.")]
    public void Text_IsCutWhereSentencesEnd(string text, string pieces) => Assert.Equal(pieces, string.Join('|', Sentences.Of(text)));

    [Fact]
    public void LongSentences_AreCutAtCommasAndAtWordsAtTheLatest()
    {
        string commas = string.Join(", ", Enumerable.Repeat("a number of words that go on", 12)) + ".";
        string words = string.Concat(Enumerable.Repeat("word ", 300));
        string letters = new('a', 1000);

        Assert.All(Sentences.Of(commas).SkipLast(1), piece => Assert.EndsWith(", ", piece));
        Assert.All(Sentences.Of(words), piece => Assert.EndsWith("word ", piece));
        foreach (string text in (string[])[commas, words, letters])
            Assert.All(Sentences.Of(text), piece => Assert.InRange(piece.Length, 1, Sentences.MaxLength + 1));
    }

    [Fact]
    public void Pieces_PutTogether_AreTheText()
    {
        const string alphabet = "ab.!?,;: \n\"')I1…’😀";
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(600)).Select(_ => alphabet[random.Next(alphabet.Length)]));

            var pieces = Sentences.Of(text).ToArray();

            Assert.Equal(text, string.Concat(pieces));
            Assert.DoesNotContain(string.Empty, pieces);
        }
    }

    [Theory]
    [InlineData(".")]
    [InlineData("a. ")]
    [InlineData(".\"")]
    [InlineData("。")]
    public void TextOfAnyLength_TakesTimeByItsLengthOnly(string piece)
    {
        string text = string.Concat(Enumerable.Repeat(piece, 1_000_000));

        Assert.Equal(text.Length, Sentences.Of(text).Sum(sentence => (long)sentence.Length));
    }

    [Theory]
    [InlineData("Hello. Wh", 7)]
    [InlineData("Hello.", -1)]
    [InlineData("Hello", -1)]
    [InlineData("", -1)]
    public void TextThatIsStillWritten_EndsItsFirstSentenceWhenTheNextBegins(string text, int end) => Assert.Equal(end, Sentences.FirstEnd(text));
}
