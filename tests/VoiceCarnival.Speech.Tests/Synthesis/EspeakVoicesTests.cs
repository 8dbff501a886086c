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

    [Theory]
    [InlineData("fr", "Bonjour, comment ça va ?")]
    [InlineData("de-DE", "Schöne Grüße aus München.")]
    [InlineData("pt_BR", "-v en --help $(id) \"aspas\"\r\nlinha")]
    public async Task OtherLanguages_AreSpoken(string language, string text)
    {
        var sentence = await Voices().SpeakAsync(text, new SpeechStyle("alloy", language, 1), Cancelled);

        Assert.InRange((double)sentence.Samples.Length / sentence.SampleRate, 0.5, 15);
        Assert.True(sentence.Samples.Max() > 1000);
        Assert.Empty(sentence.Words);
    }

    [Fact]
    public async Task SpeedAndVoice_AreHeard()
    {
        var voices = Voices();
        var slow = await voices.SpeakAsync("Bonjour tout le monde", new SpeechStyle("alloy", "fr", 1), Cancelled);
        var quick = await voices.SpeakAsync("Bonjour tout le monde", new SpeechStyle("alloy", "fr", 2), Cancelled);
        var man = await voices.SpeakAsync("Bonjour tout le monde", new SpeechStyle("cedar", "fr", 1), Cancelled);

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
        var error = await Assert.ThrowsAsync<ModelServiceException>(() => Voices().SpeakAsync("Bonjour", new SpeechStyle(null, language, 1), Cancelled));

        Assert.Equal("language_unsupported", error.Code);
    }

    [Fact]
    public async Task TextWithoutWords_IsSilence() => Assert.Empty((await Voices().SpeakAsync("… 😀 !", new SpeechStyle(null, "fr", 1), Cancelled)).Samples);

    [Fact]
    public async Task ACancelledSentence_IsNotSpoken()
    {
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Voices().SpeakAsync("Bonjour", new SpeechStyle(null, "fr", 1), cancel.Token));
    }

    [Fact]
    public async Task AProgramThatIsNotThere_IsAnError()
    {
        var error = await Assert.ThrowsAsync<ModelServiceException>(() => new EspeakVoices("/nowhere/espeak-ng").SpeakAsync("Bonjour", new SpeechStyle(null, "fr", 1), Cancelled));

        Assert.Equal("synthesis_failed", error.Code);
    }
}
