using System.Globalization;
using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;
using VoiceCarnival.Audio.Speech;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Speech.Recognition;
using VoiceCarnival.Speech.Synthesis;
using VoiceCarnival.Speech.VoiceActivity;
using VoiceCarnival.Testing.Audio;
using Xunit;

namespace VoiceCarnival.Speech.Tests.Recognition;

/// <summary>The recogniser where it is installed, with flite as the speaker.</summary>
public sealed partial class PocketSphinxTests(PocketSphinxTests.Installed installed, ITestOutputHelper output) : IClassFixture<PocketSphinxTests.Installed>
{
    private const string Recordings = "/usr/share/pocketsphinx/test/data";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("What is the weather like in London tomorrow?", "slt")]
    [InlineData("Turn off the lights in the kitchen.", "rms")]
    [InlineData("What is the weather like in London?", "rms")]
    [InlineData("Yes.", "slt")]
    public async Task WhatFliteSays_IsUnderstood(string text, string voice)
    {
        var response = await installed.Client.GetTextAsync(new MemoryStream(await SayAsync(text, voice)), null, Cancelled);

        Assert.Equal(Plain(text), response.Text);
    }

    [Fact]
    public async Task WhileSomebodySpeaks_TheWordsComeUp_AndTheFinalOnesAtTheEnd()
    {
        const string text = "Turn off the lights in the kitchen.";
        byte[] wav = await SayAsync(text, "rms");
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var updates = new List<(string Kind, string Text)>();
        int half = (wav.Length / 2) & ~1;
        await pipe.Writer.WriteAsync(wav.AsMemory(..half), Cancelled);
        await foreach (var update in installed.Client.GetStreamingTextAsync(pipe.Reader.AsStream(), null, Cancelled))
        {
            // Half of it was enough to understand something.
            if (updates.Count == 0)
            {
                await pipe.Writer.WriteAsync(wav.AsMemory(half..), Cancelled);
                await pipe.Writer.CompleteAsync();
            }

            updates.Add((update.Kind.Value, update.Text));
        }

        Assert.Equal(("textupdated", Plain(text)), updates[^1]);
        Assert.True(updates.Count > 2);
        Assert.All(updates.SkipLast(1), update => Assert.Equal("textupdating", update.Kind));
    }

    [Fact]
    public async Task Streaming_EndsWithWhatTheWholeIs()
    {
        byte[] wav = await SayAsync("I would like a cup of coffee, please. And the weather?", "rms");
        var updates = await installed.Client.GetStreamingTextAsync(new MemoryStream(wav), null, Cancelled).ToListAsync(Cancelled);

        Assert.Equal(SpeechToTextResponseUpdateKind.TextUpdated, updates[^1].Kind);
        Assert.True(WordError.Count((await installed.Client.GetTextAsync(new MemoryStream(wav), null, Cancelled)).Text.Split(' '), updates[^1].Text.Split(' ')) <= 2);
    }

    [Fact]
    public async Task ManyAtATime_AreAllUnderstood()
    {
        byte[] wav = await SayAsync("Turn off the lights in the kitchen.", "rms");

        var calls = Enumerable.Range(0, 6).Select(async i => i % 2 == 0
            ? (await installed.Client.GetTextAsync(new MemoryStream(wav), null, Cancelled)).Text
            : (await installed.Client.GetStreamingTextAsync(new MemoryStream(wav), null, Cancelled).LastAsync(Cancelled)).Text).ToArray();

        Assert.All(await Task.WhenAll(calls), text => Assert.Equal("turn off the lights in the kitchen", text));
    }

    [Fact]
    public async Task WhatIsNoSpeech_HasFewWordsOrNone()
    {
        var random = new Random(1);
        short[] noise = [.. Enumerable.Range(0, 32_000).Select(_ => (short)random.Next(-300, 300))];

        Assert.Equal("", (await installed.Client.GetTextAsync(new MemoryStream(), null, Cancelled)).Text);
        Assert.InRange((await installed.Client.GetTextAsync(new MemoryStream(WavWriter.Write(new short[100], 24_000)), null, Cancelled)).Text.Length, 0, 10);
        Assert.InRange((await installed.Client.GetTextAsync(new MemoryStream(WavWriter.Write(noise, 16_000)), null, Cancelled)).Text.Length, 0, 40);
    }

    [Fact]
    public async Task OtherLanguages_AreRefusedWithWords()
    {
        var exception = await Assert.ThrowsAsync<ModelServiceException>(() => installed.Client.GetTextAsync(new MemoryStream(), new SpeechToTextOptions { SpeechLanguage = "fr" }, Cancelled));

        Assert.Equal("language_unsupported", exception.Code);
    }

    [Theory]
    [InlineData("librivox", "transcription", 0.30)]
    [InlineData("cards", "cards.transcription", 0.06)]
    public async Task RealVoices_AreUnderstoodAsWellAsMeasured(string set, string transcription, double most)
    {
        Assert.SkipUnless(Directory.Exists(Recordings), "pocketsphinx-testdata is not installed");
        int wrong = 0, wrongLive = 0, words = 0;
        foreach (string line in File.ReadLines(Path.Combine(Recordings, set, transcription)))
        {
            var match = Line().Match(line);
            string[] spoken = match.Groups["words"].Value.Replace("<s>", "").Replace("</s>", "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            byte[] wav = File.ReadAllBytes(Path.Combine(Recordings, set, match.Groups["file"].Value + ".wav"));
            wrong += WordError.Count(spoken, (await installed.Client.GetTextAsync(new MemoryStream(wav), null, Cancelled)).Text.Split(' '));
            wrongLive += WordError.Count(spoken, ListenAlong(wav).Split(' '));
            words += spoken.Length;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{set}: {wrong} of {words} words wrong ({(double)wrong / words:P1}); after listening along {wrongLive} ({(double)wrongLive / words:P1})"));
        Assert.InRange((double)wrong / words, 0, most);
        Assert.InRange((double)wrongLive / words, 0, most);
    }

    // As it comes from a microphone, by a decoder that is never behind.
    private string ListenAlong(byte[] wav)
    {
        Assert.True(WavReader.TryRead(wav, out var audio, out _));
        var utterance = new Utterance(installed.Decoder, new SileroVoiceActivityDetector(Utterance.SampleRate));
        foreach (short[] piece in audio.ToMono().Chunk(512))
        {
            utterance.Add(piece);
            while (utterance.HasMore)
                utterance.Search();
        }

        utterance.End();
        return utterance.Finish();
    }

    [GeneratedRegex(@"^(?<words>.*)\((?<file>\S+)\)\s*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    private static string Plain(string text) => text.ToLowerInvariant().TrimEnd('.', '?');

    // With the silence that a turn has before and behind it.
    private static async Task<byte[]> SayAsync(string text, string voice)
    {
        using var client = new SentenceTextToSpeechClient(new FliteVoices());
        var content = (DataContent)(await client.GetAudioAsync(text, new TextToSpeechOptions { VoiceId = voice }, Cancelled)).Contents[0];
        short[] speech = new short[content.Data.Length / 2];
        Audio.Pcm.Pcm16.BytesToSamples(content.Data.Span, speech);
        return WavWriter.Write([.. new short[4_800], .. speech, .. new short[7_200]], 24_000);
    }

    /// <summary>One recogniser for all tests of the class, which are skipped where there is none.</summary>
    public sealed class Installed : IDisposable
    {
        private PocketSphinxDecoder? _decoder;
        private readonly Lazy<PocketSphinxSpeechToTextClient> _client = new(static () =>
        {
            var model = PocketSphinxModel.Find(null);
            Assert.SkipUnless(model is not null && PocketSphinxLibrary.IsAvailable, "libpocketsphinx3 and pocketsphinx-en-us are not installed");
            return new PocketSphinxSpeechToTextClient(new DecoderPool(3, () => new PocketSphinxDecoder(model!), TimeProvider.System), TimeSpan.FromMinutes(2));
        });

        internal PocketSphinxSpeechToTextClient Client => _client.Value;

        internal PocketSphinxDecoder Decoder => _decoder ??= new PocketSphinxDecoder(PocketSphinxModel.Find(null)!);

        public void Dispose()
        {
            _decoder?.Dispose();
            if (_client.IsValueCreated)
                _client.Value.Dispose();
        }
    }
}
