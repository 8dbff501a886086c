using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Microphones that vanish or are refused, sound at other rates, sound that the browser holds back.</summary>
public sealed class DeviceTests(SpeakingBrowser fixture)
{
    // The real fake microphone, which can be unplugged, taken away and refused.
    private const string Devices = """
        const get = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        const devices = window.devices = { refusal: '', streams: [] };
        navigator.mediaDevices.getUserMedia = async constraints => {
          if (devices.refusal) throw new DOMException('refused by the test', devices.refusal);
          const stream = await get(constraints);
          devices.streams.push(stream);
          return stream;
        };
        // A track whose device goes away stops and tells so; stop() alone tells nothing.
        devices.unplug = () => {
          const track = devices.streams.at(-1).getAudioTracks()[0];
          track.stop();
          track.dispatchEvent(new Event('ended'));
        };
        """;

    private const string At44100 = """
        const Context = AudioContext;
        window.AudioContext = class extends Context { constructor(options) { super({ ...options, sampleRate: 44100 }); } };
        """;

    // As Firefox does: a microphone connects only to a context at the device's own rate.
    private const string MicrophoneOnlyAtDeviceRate = """
        const connect = AudioContext.prototype.createMediaStreamSource;
        AudioContext.prototype.createMediaStreamSource = function (stream) {
          if (this.sampleRate === 24000) throw new DOMException('different sample rates', 'NotSupportedError');
          return connect.call(this, stream);
        };
        """;

    // As on a phone: no sound before the first tap, and until then resume() answers nothing. Desktop Chromium lets a page that records sound play, too.
    private const string SoundNeedsATap = """
        let isTapped = false;
        addEventListener('pointerdown', () => (isTapped = true), true);
        const Context = AudioContext;
        window.AudioContext = class extends Context {
          constructor(options) {
            super(options);
            if (!isTapped) super.suspend();
          }
          resume() {
            return isTapped ? super.resume() : new Promise(() => {});
          }
        };
        """;

    [Fact]
    public async Task MicrophoneUnpluggedInMidCall_AnotherOneTakesOver_AndIsHeard()
    {
        await using var page = await fixture.OpenAsync(script: Devices);
        await page.StartCallAsync();
        await page.GetAsync<object>("void devices.unplug()");
        await Assertions.Expect(Notice(page)).ToContainTextAsync("Now using");
        Assert.Equal(2, await page.GetAsync<int>("devices.streams.length"));
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task OnlyMicrophoneUnplugged_TypingGoesOn_AndPluggedInAgainItIsTaken()
    {
        await using var page = await fixture.OpenAsync(script: Devices);
        await page.StartCallAsync();
        await page.GetAsync<object>("void ((devices.refusal = 'NotFoundError'), devices.unplug())");
        await Assertions.Expect(Notice(page)).ToContainTextAsync("Plug one in");
        await page.TypeAsync("by hand then");
        await Assertions.Expect(page.CaptionOf("assistant", "by hand then")).ToBeVisibleAsync();

        await page.GetAsync<object>("void ((devices.refusal = ''), navigator.mediaDevices.dispatchEvent(new Event('devicechange')))");
        await Assertions.Expect(Notice(page)).ToContainTextAsync("Now using");
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Empty(page.Errors);
    }

    [Theory]
    [InlineData("NotAllowedError", "The microphone is blocked", "left of the address")]
    [InlineData("NotFoundError", "No microphone found", "Connect one")]
    [InlineData("NotReadableError", "The microphone is in use", "Another program")]
    public async Task MicrophoneRefused_SaysWhatToDo_AndTheNextTryWorks(string refusal, string title, string advice)
    {
        await using var page = await fixture.OpenAsync(script: Devices + $"devices.refusal = '{refusal}';");
        await page.Talk.ClickAsync();
        await Assertions.Expect(Notice(page)).ToContainTextAsync(title);
        await Assertions.Expect(Notice(page)).ToContainTextAsync(advice);
        await Assertions.Expect(page.Status).ToContainTextAsync("Press to talk");

        await page.GetAsync<object>("void (devices.refusal = '')");
        await page.Page.GetByTestId("notice-retry").ClickAsync();
        await page.UntilAsync("voiceCarnival.state !== 'idle'");
        await Assertions.Expect(Notice(page)).ToBeHiddenAsync();
        Assert.Empty(page.Errors);
    }

    [Theory]
    [InlineData(At44100, "44.1 kHz")]
    [InlineData(MicrophoneOnlyAtDeviceRate, "kHz")]
    public async Task SoundAtAnotherRate_IsResampledBothWays(string script, string shown)
    {
        await using var page = await fixture.OpenAsync(script: script);
        await page.StartCallAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#view-line")).ToContainTextAsync(shown);
        await Assertions.Expect(page.Page.Locator("#view-line")).Not.ToContainTextAsync("Sound runs at24 kHz");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task BrowserHoldsTheSoundBack_OneTapLetsItOut()
    {
        await using var page = await fixture.OpenAsync(script: SoundNeedsATap, path: "?autostart=1");
        await Assertions.Expect(Notice(page)).ToContainTextAsync("holds the sound back");
        await page.Page.GetByTestId("notice-resume").ClickAsync();
        await Assertions.Expect(Notice(page)).ToBeHiddenAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Empty(page.Errors);
    }

    private static ILocator Notice(TalkPage page) => page.Page.GetByTestId("notice");
}
