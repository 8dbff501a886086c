using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech.Synthesis;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Synthesis;

public sealed class FliteSpeechTests : IDisposable
{
    private readonly SentenceTextToSpeechClient _client = new(new FliteVoices());

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("slt")]
    [InlineData("rms")]
    [InlineData("awb")]
    public async Task EveryVoice_SaysEveryWordInItsPlace(string voice)
    {
        const string text = "Hello there, my friend. I have 42 apples!";

        var updates = await SpeakAsync(text, new TextToSpeechOptions { VoiceId = voice });

        Assert.Equal(2, updates.Count);
        var words = updates.SelectMany(update => update.Words).ToArray();
        Assert.Equal(["Hello", "there,", "my", "friend.", "I", "have", "42", "apples!"], words.Select(word => text.Substring(word.Start, word.Length)));
        short[] samples = [.. updates.SelectMany(update => update.Samples)];
        Assert.InRange(samples.Length, 2 * 24_000, 24_000 * 8);
        Assert.All(words, word =>
        {
            // Every word has sound where it is said to be.
            Assert.InRange((word.End - word.Begin).TotalSeconds, 0.03, 1.5);
            Assert.InRange(word.End.TotalSeconds, 0, samples.Length / 24_000.0);
            Assert.InRange(Loudness(samples, word.Begin, word.End), 300, 20_000);
        });
        Assert.All(words.Zip(words.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Begin + TimeSpan.FromMilliseconds(1)));

        // The comma is a pause that belongs to nobody.
        Assert.InRange((words[2].Begin - words[1].End).TotalSeconds, 0.05, 0.6);
        Assert.InRange(Loudness(samples, words[1].End + TimeSpan.FromMilliseconds(40), words[2].Begin - TimeSpan.FromMilliseconds(40)), 0, 150);
    }

    [Fact]
    public async Task WordsOfALaterSentence_LieBehindTheEarlierOnes()
    {
        var updates = await SpeakAsync("One two.\n\n Three four.", null);

        var first = TimeSpan.FromSeconds(updates[0].Samples.Length / 24_000.0);
        Assert.Equal([0, 4], updates[0].Words.Select(word => word.Start));
        Assert.Equal([11, 17], updates[1].Words.Select(word => word.Start));
        Assert.All(updates[0].Words, word => Assert.True(word.End <= first));
        Assert.All(updates[1].Words, word => Assert.True(word.Begin >= first));
    }

    [Fact]
    public async Task WordsThatItCannotSay_AreAnError_AndSmileysAreSilence()
    {
        foreach (string text in (string[])["你好", "Привет, мир!"])
        {
            var error = await Assert.ThrowsAsync<ModelServiceException>(() => SpeakAsync(text, null));
            Assert.Equal("language_unsupported", error.Code);
        }

        Assert.Empty(await SpeakAsync("… 😀 !", null));
    }

    [Fact]
    public async Task WordsOfAnotherAlphabetInAnEnglishSentence_AreToldToBeLeftOut()
    {
        const string text = "The word мир, or 平和, means peace - 100 %.";

        var words = (await SpeakAsync(text, null))[0].Words;

        Assert.Equal(["мир,", "平和,"], words.Where(word => word.IsLeftOut).Select(word => text.Substring(word.Start, word.Length)));
        Assert.Equal(text.Split(' ').Length, words.Count);
    }

    [Theory]
    [InlineData("Wałęsa and Škoda", "Walesa and Skoda")]
    [InlineData("Ångström, Þór, Œuvre", "Angstrom, Thor, Oeuvre")]
    [InlineData("re\u0301sume\u0301", "resume")]
    [InlineData("co\u00ADop\u200Ber\u200Date", "cooperate")]
    [InlineData("½ × 3 °C", " half   times  3  degrees C")]
    [InlineData("“It’s” – a\ttest\u0001", "\"It's\" ,  a test ")]
    public void Letters_AreReadWithoutWhatIsAboveThem(string text, string plain) => Assert.Equal(plain, PlainText.Of(text, out _));

    [Fact]
    public async Task TheSameText_IsTheSameSound()
    {
        var options = new TextToSpeechOptions { VoiceId = "echo" };

        Assert.Equal((await SpeakAsync("Good morning.", options))[0].Samples, (await SpeakAsync("Good morning.", options))[0].Samples);
    }

    [Fact]
    public async Task Speed_ShortensTheSound()
    {
        var normal = Assert.Single(await SpeakAsync("This takes some time to say.", null));
        var quick = Assert.Single(await SpeakAsync("This takes some time to say.", new TextToSpeechOptions { Speed = 2 }));

        Assert.InRange(quick.Samples.Length, normal.Samples.Length * 0.35, normal.Samples.Length * 0.65);
        Assert.InRange(quick.Words[^1].End.TotalSeconds, 0.2, quick.Samples.Length / 24_000.0);
    }

    [Theory]
    [InlineData("alloy", "slt")]
    [InlineData("cedar", "rms")]
    [InlineData("ballad", "awb")]
    [InlineData("somebody", "slt")]
    [InlineData(null, "slt")]
    public async Task OpenAIsVoices_AreSpokenByThese(string? name, string voice) => Assert.Equal(
        (await SpeakAsync("Yes.", new TextToSpeechOptions { VoiceId = voice }))[0].Samples,
        (await SpeakAsync("Yes.", new TextToSpeechOptions { VoiceId = name }))[0].Samples);

    [Fact]
    public async Task AVoiceOfTheSettings_SpeaksForEverySession()
    {
        using var client = new SentenceTextToSpeechClient(new FliteVoices(), new SynthesisOptions { Voice = "rms" });

        var content = (DataContent)(await client.GetAudioAsync("Yes.", new TextToSpeechOptions { VoiceId = "marin" })).Contents[0];

        Assert.Equal((await SpeakAsync("Yes.", new TextToSpeechOptions { VoiceId = "rms" }))[0].Samples, MemoryMarshal.Cast<byte, short>(content.Data.Span).ToArray());
    }

    [Theory]
    [InlineData(8_000)]
    [InlineData(16_000)]
    [InlineData(48_000)]
    public async Task OtherRates_AreToBeHad(int rate)
    {
        var usual = Assert.Single(await SpeakAsync("Good morning.", null));
        var other = Assert.Single(await SpeakAsync("Good morning.", new TextToSpeechOptions { AudioFormat = $"audio/pcm;rate={rate}" }));

        Assert.Equal(usual.Samples.Length / 24_000.0, other.Samples.Length / (double)rate, 2);
        Assert.Equal(usual.Words, other.Words);
        Assert.Equal(Loudness(usual.Samples, TimeSpan.Zero, TimeSpan.FromSeconds(1)), Loudness(other.Samples, TimeSpan.Zero, TimeSpan.FromSeconds(1), rate), 200.0);
    }

    [Fact]
    public async Task Wav_IsAFileOfAllSentences()
    {
        var pcm = (DataContent)(await _client.GetAudioAsync("Yes. No.")).Contents[0];
        var wav = (DataContent)(await _client.GetAudioAsync("Yes. No.", new TextToSpeechOptions { AudioFormat = "wav" })).Contents[0];

        Assert.Equal("audio/pcm", pcm.MediaType);
        Assert.Equal("audio/wav", wav.MediaType);
        Assert.True(WavReader.TryRead(wav.Data.Span, out var audio, out _));
        Assert.Equal(24_000, audio.Format.SampleRate);
        Assert.Equal(pcm.Data.Length / 2, audio.Frames);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("...")]
    [InlineData("😀 — ")]
    [InlineData("\0")]
    public async Task TextThatCannotBeSaid_IsSilence(string text) => Assert.All(await SpeakAsync(text, null), update => Assert.Empty(update.Samples));

    [Theory]
    [InlineData("<speak><break time=\"99999s\"/></speak> hello")]
    [InlineData("-voice kal -o /etc/passwd \"quoted\" 'and' $(more) %s%n")]
    [InlineData("“Café” — naïve… it’s 5 €\tor\u00A0so 😀 done")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("1234567890123456789012345678901234567890 1/2 10:30pm $5.30 3,000 #5 C++ a@b.example")]
    public async Task StrangeText_IsSpokenAllTheSame(string text)
    {
        var sentences = await SpeakAsync(text, null);

        Assert.InRange(sentences.Sum(s => s.Samples.Length), 4_000, 24_000 * 60);
        Assert.Equal(WordTimes.WordsOf(text), sentences.SelectMany(s => s.Words).Select(word => (word.Start, word.Length)));
    }

    [Fact]
    public async Task RandomText_NeverFails()
    {
        const string alphabet = "abcdeistronlmu AEI.,!?'\"-0123456789 \n%&$/()[]=+*;:_<>éß€…";
        var random = new Random(5);
        for (int i = 0; i < 30; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(80)).Select(_ => alphabet[random.Next(alphabet.Length)]));

            Assert.All(await SpeakAsync(text, null), sentence => Assert.InRange(sentence.Samples.Length, 0, 24_000 * 60));
        }
    }

    [Fact]
    public async Task WhatIsNotSpoken_IsRefusedWithWords()
    {
        Assert.Equal("language_unsupported", (await Refusal(() => _client.GetAudioAsync("Oui.", new TextToSpeechOptions { Language = "fr" }))).Code);
        Assert.Equal("audio_format_unsupported", (await Refusal(() => _client.GetAudioAsync("Yes.", new TextToSpeechOptions { AudioFormat = "mp3" }))).Code);
        Assert.Equal("speed_unsupported", (await Refusal(() => _client.GetAudioAsync("Yes.", new TextToSpeechOptions { Speed = 9 }))).Code);
        Assert.Equal("audio_format_unsupported", (await Refusal(() => SpeakAsync("Yes.", new TextToSpeechOptions { AudioFormat = "wav" }))).Code);
        await Assert.ThrowsAsync<ArgumentException>(() => _client.GetAudioAsync(new string('a', 100_001)));
    }

    [Fact]
    public async Task SoundIsHeard_BeforeTheSentenceIsMade()
    {
        var pieces = new List<int>();
        await foreach (var update in _client.GetStreamingAudioAsync("It is a quarter past seven in the evening."))
            pieces.Add(((DataContent)update.Contents[0]).Data.Length / 2);

        Assert.InRange(pieces[0], 1, 24_000 / 10);
        Assert.InRange(pieces.Count, 8, 40);
    }

    [Fact]
    public async Task ACancelledCall_ReturnsThoughTheSynthesiserIsAtWork()
    {
        using var cancel = new CancellationTokenSource();
        var call = _client.GetAudioAsync(string.Concat(Enumerable.Repeat("This is a sentence that takes a while to make. ", 200)), cancellationToken: cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task AReaderThatStops_HasOnlyOneMoreSentenceMade()
    {
        // Ten thousand sentences would take minutes; the second may be on its way when the first is taken.
        string text = string.Concat(Enumerable.Repeat("Yes. ", 10_000));

        await foreach (var update in _client.GetStreamingAudioAsync(text))
        {
            Assert.InRange(((DataContent)update.Contents[0]).Data.Length, 1, 48_000);
            break;
        }
    }

    // What was said, by sentences: the first piece of each has its words.
    private async Task<List<SpokenPiece>> SpeakAsync(string text, TextToSpeechOptions? options)
    {
        var sentences = new List<SpokenPiece>();
        await foreach (var update in _client.GetStreamingAudioAsync(text, options))
        {
            short[] samples = MemoryMarshal.Cast<byte, short>(((DataContent)update.Contents[0]).Data.Span).ToArray();
            if (update.AdditionalProperties?[WordTime.Key] is IReadOnlyList<WordTime> words)
                sentences.Add(new SpokenPiece(samples, SentenceTextToSpeechClient.SampleRate, words));
            else
                sentences[^1] = sentences[^1] with { Samples = [.. sentences[^1].Samples, .. samples] };
        }

        return sentences;
    }

    private static Task<ModelServiceException> Refusal(Func<Task> call) => Assert.ThrowsAsync<ModelServiceException>(call);

    private static double Loudness(ReadOnlySpan<short> samples, TimeSpan from, TimeSpan to, int rate = 24_000)
    {
        int first = (int)(from.TotalSeconds * rate);
        int last = Math.Min((int)(to.TotalSeconds * rate), samples.Length);
        double sum = 0;
        foreach (short sample in samples[first..last])
            sum += (double)sample * sample;
        return Math.Sqrt(sum / Math.Max(1, last - first));
    }
}
