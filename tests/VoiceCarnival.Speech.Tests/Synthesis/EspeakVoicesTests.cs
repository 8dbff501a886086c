using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Speech.Synthesis;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Synthesis;

public sealed class EspeakVoicesTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static EspeakVoices Voices()
    {
        string? program = EspeakVoices.Find();
        Assert.SkipWhen(program is null, "espeak-ng is not installed");
        return new EspeakVoices(program!);
    }

    private static async Task<SpokenPiece> SpeakAsync(EspeakVoices voices, string text, SpeechStyle style, CancellationToken cancellationToken) =>
        Assert.Single(await voices.SpeakAsync(text, style, cancellationToken).ToListAsync(Cancelled));

    [Theory]
    [InlineData("fr", "Bonjour, comment ça va ?")]
    [InlineData("de-DE", "Schöne Grüße aus München.")]
    [InlineData("pt_BR", "-v en --help $(id) \"aspas\"\r\nlinha")]
    public async Task OtherLanguages_AreSpoken(string language, string text)
    {
        var sentence = await SpeakAsync(Voices(), text, new SpeechStyle("alloy", language, 1), Cancelled);

        Assert.InRange((double)sentence.Samples.Length / sentence.SampleRate, 0.5, 15);
        Assert.True(sentence.Samples.Max() > 1000);
        Assert.Equal(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, sentence.Words.Count);
    }

    [Fact]
    public async Task SpeedAndVoice_AreHeard()
    {
        var voices = Voices();
        var slow = await SpeakAsync(voices, "Bonjour tout le monde", new SpeechStyle("alloy", "fr", 1), Cancelled);
        var quick = await SpeakAsync(voices, "Bonjour tout le monde", new SpeechStyle("alloy", "fr", 2), Cancelled);
        var man = await SpeakAsync(voices, "Bonjour tout le monde", new SpeechStyle("cedar", "fr", 1), Cancelled);

        Assert.InRange(quick.Samples.Length, 1, slow.Samples.Length * 0.8);
        Assert.NotEqual(slow.Samples, man.Samples);
    }

    [Theory]
    [InlineData("xx")]
    [InlineData("")]
    [InlineData("--path=/etc")]
    [InlineData("../../etc/passwd")]
    [InlineData("fr; id")]
    public async Task WhatIsNoLanguage_IsRefused(string language)
    {
        var error = await Assert.ThrowsAsync<ModelServiceException>(() => SpeakAsync(Voices(), "Bonjour", new SpeechStyle(null, language, 1), Cancelled));

        Assert.Equal("language_unsupported", error.Code);
    }

    [Theory]
    [InlineData("fr", true)]
    [InlineData("pt_BR", true)]
    [InlineData("en", true)]
    [InlineData("zz", false)]
    [InlineData("--version", false)]
    public void ALanguage_IsKnownOrNot(string language, bool isKnown)
    {
        Voices();
        Assert.Equal(isKnown, EspeakVoices.Speaks(EspeakVoices.Find()!, language));
    }

    [Fact]
    public void AProgramThatIsNotThere_IsNotAsked() => Assert.True(EspeakVoices.Speaks("/nowhere/espeak-ng", "fr"));

    [Theory]
    [InlineData("Привет, мир!")]
    [InlineData("你好")]
    [InlineData("مرحبا")]
    public async Task WordsOfAnotherAlphabet_AreSpokenInTheirLanguage_ThoughTheLanguageIsEnglish(string text)
    {
        var voices = new LocalVoices(new FliteVoices(), Voices());
        var sentence = Assert.Single(await voices.SpeakAsync(text, new SpeechStyle("alloy", "en", 1), Cancelled).ToListAsync(Cancelled));

        Assert.InRange((double)sentence.Samples.Length / sentence.SampleRate, 0.3, 5);
        Assert.True(sentence.Samples.Max() > 1000);
    }

    [Fact]
    public async Task TextWithoutWords_IsSilence() => Assert.Empty(await Voices().SpeakAsync("… 😀 !", new SpeechStyle(null, "fr", 1), Cancelled).ToListAsync(Cancelled));

    [Fact]
    public async Task ACancelledSentence_IsNotSpoken()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SpeakAsync(Voices(), "Bonjour", new SpeechStyle(null, "fr", 1), cancel.Token));
    }

    [Fact]
    public async Task AProgramThatIsNotThere_IsAnError()
    {
        var error = await Assert.ThrowsAsync<ModelServiceException>(() => SpeakAsync(new EspeakVoices("/nowhere/espeak-ng"), "Bonjour", new SpeechStyle(null, "fr", 1), Cancelled));

        Assert.Equal("synthesis_failed", error.Code);
    }

    [Fact]
    public async Task AWordOfAnotherAlphabet_IsSpokenWithinAnEnglishSentence()
    {
        Assert.SkipWhen(EspeakVoices.Find() is null, "espeak-ng is not installed");
        using var client = new SentenceTextToSpeechClient(new LocalVoices(new FliteVoices(), Voices()));
        const string text = "The word мир means peace.";
        var updates = await client.GetStreamingAudioAsync(text, null, Cancelled).ToListAsync(Cancelled);
        var words = updates.SelectMany(update => update.AdditionalProperties?[WordTime.Key] as IReadOnlyList<WordTime> ?? []).ToList();
        Assert.Equal(text.Split(' '), words.Select(word => text.Substring(word.Start, word.Length)));
        Assert.All(words, word => Assert.True(word.End - word.Begin > TimeSpan.FromMilliseconds(50)));
        Assert.All(words.Zip(words.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Begin + TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task CommandsInAText_AreNotObeyed()
    {
        Assert.SkipWhen(EspeakVoices.Find() is null, "espeak-ng is not installed");
        var plain = await Voices().SpeakAsync("one two  three", new SpeechStyle(null, "en", 1), Cancelled).ToListAsync(Cancelled);
        var slow = await Voices().SpeakAsync("one two \u0001three", new SpeechStyle(null, "en", 1), Cancelled).ToListAsync(Cancelled);
        Assert.Equal(plain[0].Samples, slow[0].Samples);
    }
}
