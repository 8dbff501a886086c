using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The page as a person uses it, and what it tells of itself through <c>window.voiceCarnival</c>.</summary>
internal sealed class TalkPage : IAsyncDisposable
{
    private readonly List<string> _errors = [];

    public TalkPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _errors.Add(message.Text);
        };
        page.PageError += (_, error) => _errors.Add(error);
        page.SetDefaultTimeout(30_000);
    }

    public IPage Page { get; }

    /// <summary>Errors on the console and uncaught exceptions.</summary>
    public IReadOnlyList<string> Errors => _errors;

    public ILocator Talk => Page.GetByTestId("talk-button");

    public ILocator Captions => Page.GetByTestId("captions");

    public ILocator Status => Page.GetByTestId("status");

    public async Task GoToAsync(Uri address)
    {
        // A network card that comes or goes, as those of walled networks do, makes Chromium drop what it loads.
        for (int tries = 1; ; tries++)
        {
            try
            {
                await Page.GotoAsync(address.ToString());
                break;
            }
            catch (PlaywrightException exception) when (tries < 3 && exception.Message.Contains("ERR_NETWORK_CHANGED", StringComparison.Ordinal))
            {
                _errors.Clear();
            }
        }

        await Assertions.Expect(Talk).ToBeEnabledAsync();
    }

    /// <summary>Presses the button and waits until the call stands.</summary>
    public async Task StartCallAsync()
    {
        await Talk.ClickAsync();
        await UntilAsync("['listening', 'speaking', 'hearing', 'thinking', 'ready'].includes(voiceCarnival.state)");
    }

    public async Task TypeAsync(string text)
    {
        await Page.GetByTestId("text-input").FillAsync(text);
        await Page.GetByTestId("send").ClickAsync();
    }

    public ILocator CaptionOf(string side, string text) => Captions.Locator("li." + side).Filter(new() { HasText = text });

    /// <summary>
    /// Waits for a spoken answer and finds it, by correlation, in what the microphone played: the same sentence was heard, not just any sound.
    /// </summary>
    public async Task AssertHearsItsOwnSentenceAsync()
    {
        // The first answer may be to half a sentence, where a microphone changed: then the next one counts. And a machine that was held up for a second leaves a browser's jitter buffer that long: answers
        // then run into the next sentence and are cut, until it has given the delay back, some 100 ms with each.
        var waited = Stopwatch.StartNew();
        double best = 0;
        for (int answers = 1; best <= MicrophoneFile.Alike; answers++)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(90), $"what was played is not what was said: correlation {best:F2} at best; {await StateAsync()}");
            await UntilAsync($"voiceCarnival.latencies.speechEndToAudioMs.length >= {answers} && !voiceCarnival.playout.playing");
            answers = await GetAsync<int>("voiceCarnival.latencies.speechEndToAudioMs.length");
            best = Math.Max(best, MicrophoneFile.CorrelationWith(await SamplesAsync("lastPlayed", 6000)));
        }
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public async Task UntilAsync(string expression)
    {
        // Not WaitForFunctionAsync: it needs eval, which the page's content security policy forbids.
        var waited = Stopwatch.StartNew();
        while (!await Page.EvaluateAsync<bool>(expression))
        {
            if (waited.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new TimeoutException($"{expression} did not come true; {await StateAsync()}");
            }

            await Task.Delay(50);
        }
    }

    // Who said what when, as the page was told, and what both sides sounded like: a test that waited in vain has to show where the conversation stopped.
    private async Task<string> StateAsync()
    {
        string state = await Page.EvaluateAsync<string>("""
            () => {
              const view = window.voiceCarnival;
              if (!view) return 'no page';
              const { session } = view;
              const loudest = samples => Math.max(0, ...Array.from({ length: Math.ceil(samples.length / 24000) }, (_, i) => samples.subarray(24000 * i, 24000 * (i + 1)))
                .map(second => second.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0))).toFixed(3);
              return JSON.stringify({
                now: Math.round(performance.now()), state: view.state, notice: view.notice, playout: view.playout, latencies: view.latencies,
                captured: loudest(view.lastCaptured(10000)), played: loudest(view.lastPlayed(10000)),
                session: session && {
                  id: session.id, userSpeaking: session.userSpeaking, activeResponse: session.activeResponse, turnEnd: session.turnEnd, responses: session.responses, lastError: session.lastError,
                  detection: session.settings?.audio?.input?.turn_detection,
                  turns: session.turns.slice(-12).map(({ kind, status, responseId, receivedMs, cutMs, spokenMs, isSound, text, timeline }) =>
                    ({ kind, status, responseId, receivedMs, cutMs, spokenMs, isSound, text: text.slice(0, 60), timeline: timeline.map(({ name, at }) => `${Math.round(at)} ${name}`) })),
                },
                trail: window.trail,
              });
            }
            """);
        return $"{state}; console: {string.Join(" | ", _errors)}";
    }

    /// <summary>Closes the page, and with it the call.</summary>
    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();

    public Task<T> GetAsync<T>(string expression) => Page.EvaluateAsync<T>(expression);

    /// <summary>The newest samples that were played or captured, 24 kHz.</summary>
    public async Task<short[]> SamplesAsync(string which, int milliseconds)
    {
        // As base64 of PCM16: a JSON array of a quarter of a million floats takes seconds.
        string text = await Page.EvaluateAsync<string>(
            $$"""
            () => {
              const floats = voiceCarnival.{{which}}({{milliseconds}});
              const pcm = new Int16Array(floats.length);
              for (let i = 0; i < floats.length; i++) pcm[i] = Math.max(-32768, Math.min(32767, Math.round(floats[i] * 32767)));
              const bytes = new Uint8Array(pcm.buffer);
              let text = '';
              for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
              return btoa(text);
            }
            """);
        return VoiceCarnival.Testing.Audio.Tone.FromBytes(Convert.FromBase64String(text));
    }

    public async Task<JsonElement> SessionAsync() => JsonDocument.Parse(await Page.EvaluateAsync<string>("JSON.stringify(voiceCarnival.session)")).RootElement;
}
