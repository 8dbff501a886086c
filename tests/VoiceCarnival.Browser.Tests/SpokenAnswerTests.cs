using System.Diagnostics;
using VoiceCarnival.Audio.Resampling;
using VoiceCarnival.Audio.Wav;
using VoiceCarnival.Testing.Audio;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Somebody asks the concierge something aloud in a browser, and what the page then plays is the right answer, as a recogniser hears it.</summary>
public sealed class SpokenAnswerTests(SpokenAnswerTests.Asking asking) : IClassFixture<SpokenAnswerTests.Asking>
{
    [Theory]
    [InlineData("websocket")]
    [InlineData("webrtc")]
    public async Task ASpokenQuestion_GetsTheRightAnswer_InWhatThePagePlays(string transport)
    {
        Assert.SkipUnless(asking.Person.Understands, Person.NoRecogniser);
        await using var page = await asking.OpenAsync(transport);
        await page.StartCallAsync();

        // Where the call began amid the question, or the machine held the microphone up, another question was asked: then the next one counts.
        string heard = "";
        int answers = 0;
        for (var waited = Stopwatch.StartNew(); !heard.Contains("two three four", StringComparison.Ordinal) || !await IsWrittenAsync(page); await Task.Delay(200))
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(90))
                Assert.Fail($"what was played last is '{heard}', what the microphone took up '{await asking.Person.UnderstandAsync(await page.SamplesAsync("lastCaptured", 6000))}', what is written {string.Join(" / ", await page.Captions.Locator("li").AllInnerTextsAsync())}");
            if (!await page.GetAsync<bool>($"voiceCarnival.latencies.speechEndToAudioMs.length > {answers} && voiceCarnival.state !== 'speaking' && !voiceCarnival.playout.playing"))
                continue;
            answers = await page.GetAsync<int>("voiceCarnival.latencies.speechEndToAudioMs.length");
            heard = await asking.Person.UnderstandAsync(await page.SamplesAsync("lastPlayed", 6000));
        }

        Assert.Empty(page.Errors);
    }

    private static async Task<bool> IsWrittenAsync(TalkPage page) =>
        await page.CaptionOf("user", "can you count to five").CountAsync() > 0 && await page.CaptionOf("assistant", "One, two, three, four, five.").CountAsync() > 0;

    /// <summary>A server with the concierge, and a browser whose microphone asks it over and over.</summary>
    public sealed class Asking : IAsyncLifetime
    {
        private const int MicrophoneRate = 48_000;
        private readonly string _microphone = Path.Combine(Path.GetTempPath(), $"question-{Guid.NewGuid():N}.wav");
        private ServerProcess? _server;
        private Browser? _browser;

        internal Person Person { get; } = new();

        public async ValueTask InitializeAsync()
        {
            if (!Person.Understands)
                return;
            var server = ServerProcess.StartAsync(("VoiceCarnival:Local:Brain", "concierge"), ("VoiceCarnival:Local:SpeechToText:Provider", "auto"));
            // The answer has its time before the next question.
            short[] question = [.. new short[Person.Rate / 2], .. await Person.SayAsync("Can you count to five?"), .. new short[Person.Rate * 9]];
            var resampler = new Resampler(Person.Rate, MicrophoneRate);
            var samples = new short[resampler.OutputLength(question.Length)];
            await File.WriteAllBytesAsync(_microphone, WavWriter.Write(samples.AsSpan(0, resampler.Process(question, samples)), MicrophoneRate));
            _browser = await Browser.LaunchAsync(_microphone);
            _server = await server;
        }

        internal Task<TalkPage> OpenAsync(string transport) => _browser!.OpenAsync(new Uri(_server!.Address, "?transport=" + transport));

        public async ValueTask DisposeAsync()
        {
            if (_browser is not null)
                await _browser.DisposeAsync();
            if (_server is not null)
                await _server.DisposeAsync();
            await Person.DisposeAsync();
            File.Delete(_microphone);
        }
    }
}
