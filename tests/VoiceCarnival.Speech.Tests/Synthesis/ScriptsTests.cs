using VoiceCarnival.Speech.Synthesis;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Synthesis;

public sealed class ScriptsTests
{
    [Theory]
    [InlineData("Hello there, my friend.", null)]
    [InlineData("Schöne Grüße!", null)]
    [InlineData("42", null)]
    [InlineData("… 😀 !", null)]
    [InlineData("", null)]
    [InlineData("The Greek letter α is small.", null)]
    [InlineData("Привет, мир! OK?", "ru")]
    [InlineData("你好", "cmn")]
    [InlineData("日本語を話します", "ja")]
    [InlineData("안녕하세요", "ko")]
    [InlineData("مرحبا", "ar")]
    [InlineData("שלום", "he")]
    [InlineData("Καλημέρα", "el")]
    [InlineData("नमस्ते", "hi")]
    [InlineData("𠀀", "cmn")]
    public void TheLettersTellTheLanguage(string text, string? language) => Assert.Equal(language, Scripts.LanguageOf(text));

    [Theory]
    [InlineData("a", true)]
    [InlineData("7", true)]
    [InlineData("你", true)]
    [InlineData("٣", true)]
    [InlineData("… 😀 — !", false)]
    [InlineData("", false)]
    public void LettersAndDigitsAreWords(string text, bool hasWords) => Assert.Equal(hasWords, Scripts.HasWords(text));

    [Theory]
    [InlineData("The word for peace is мир.", "The word for peace is |мир.")]
    [InlineData("Say Привет, мир! 42 times, or 你好 to her.", "Say |Привет, мир! 42 |times, or |你好 |to her.")]
    [InlineData("α is a letter", "α |is a letter")]
    [InlineData("Only English, 24/7…", "Only English, 24/7…")]
    [InlineData("  ", "  ")]
    public void WordsOfOtherAlphabets_ArePartsOfTheirOwn(string text, string parts) => Assert.Equal(parts, string.Join('|', Scripts.Parts(text)));

    [Fact]
    public void HalfACharacter_IsNoLetter()
    {
        Assert.Null(Scripts.LanguageOf("\ud840"));
        Assert.False(Scripts.HasWords("\udc00"));
    }
}
