using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>What the page is like before and beside a conversation.</summary>
public sealed class PageTests(SpeakingBrowser fixture)
{
    public static TheoryData<int, int, ColorScheme> Screens => new()
    {
        { 1440, 900, ColorScheme.Light },
        { 1440, 900, ColorScheme.Dark },
        { 390, 844, ColorScheme.Light },
        { 844, 390, ColorScheme.Dark },
    };

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task Idle_InACall_AndWithThePanelOpen_AxeFindsNoSeriousFault(int width, int height, ColorScheme scheme)
    {
        // Without motion, or a caption that is just fading in counts as too pale.
        await using var page = await fixture.OpenAsync(new ViewportSize { Width = width, Height = height }, scheme, reducedMotion: true);
        await AssertAccessibleAsync(page, "idle");
        await page.StartCallAsync();
        await AssertAccessibleAsync(page, "in a call");
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await AssertAccessibleAsync(page, "with the panel open");
        Assert.Empty(page.Errors);
    }

    [Theory]
    [MemberData(nameof(Screens))]
    public async Task TalkButton_IsInReachWithoutScrolling(int width, int height, ColorScheme scheme)
    {
        await using var page = await fixture.OpenAsync(new ViewportSize { Width = width, Height = height }, scheme);
        var box = await page.Talk.BoundingBoxAsync();
        Assert.NotNull(box);
        Assert.True(box.Y + box.Height <= height, $"the button ends at {box.Y + box.Height} of {height}");
        Assert.True(box.Width >= 44 && box.Height >= 44, "the button is too small for a thumb");
        const string wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => `${e.tagName}#${e.id} ${e.textContent.slice(0, 80)}`).join('; ')";
        Assert.False(await page.GetAsync<bool>("document.documentElement.scrollWidth > innerWidth"), "the page scrolls sideways: " + await page.GetAsync<string>(wide));
    }

    [Fact]
    public async Task SmallPhoneOnItsSide_ButtonStaysInReachWhileCaptionsGrow()
    {
        const int height = 320;
        await using var page = await fixture.OpenAsync(new ViewportSize { Width = 568, Height = height });
        for (int turn = 1; turn <= 3; turn++)
        {
            await page.TypeAsync($"turn {turn}");
            await Assertions.Expect(page.CaptionOf("assistant", $"turn {turn}")).ToBeVisibleAsync();
        }

        var box = await page.Talk.BoundingBoxAsync();
        Assert.InRange(box!.Y, 0, height - box.Height);
    }

    [Fact]
    public async Task TransportsThatAreNotThere_AreListedWithTheirReason()
    {
        await using var page = await fixture.OpenAsync();
        var options = page.Page.GetByTestId("transport-select").Locator("option");
        Assert.True(await options.CountAsync() >= 4);
        Assert.False(await options.Filter(new() { HasText = "WebSocket" }).IsDisabledAsync());
        var direct = options.Filter(new() { HasText = "direct" });
        Assert.True(await direct.IsDisabledAsync());
        await Assertions.Expect(direct).ToContainTextAsync("OPENAI_API_KEY");
    }

    [Theory]
    [InlineData("transferSize")]
    [InlineData("decodedBodySize")]
    public async Task PageLoads_NoMoreThan100KilobytesOfItsOwn_CompressedOrNot(string size)
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        long bytes = await page.GetAsync<long>(
            $"performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, e) => sum + (e.name.includes('/api/') ? 0 : e.{size}), 0)");
        Assert.InRange(bytes, 20_000, 100_000);
    }

    [Fact]
    public async Task ServerAwayWhenThePageOpens_ThePageSaysSo_AndStandsOnceItIsBack()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/api/config", route => route.AbortAsync());
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Status).ToContainTextAsync("Waiting for the server");
        await Assertions.Expect(page.Talk).ToBeDisabledAsync();
        await page.Page.UnrouteAllAsync();
        await Assertions.Expect(page.Talk).ToBeEnabledAsync();
        await Assertions.Expect(page.Status).ToContainTextAsync("Press to talk");
    }

    [Fact]
    public async Task Refused_WithItsNotice_AxeFindsNoSeriousFault()
    {
        await using var page = await fixture.OpenAsync(
            new ViewportSize { Width = 844, Height = 390 }, reducedMotion: true,
            script: "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };");
        await page.Talk.ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("notice-retry")).ToBeVisibleAsync();
        await AssertAccessibleAsync(page, "with a notice");
        var box = await page.Talk.BoundingBoxAsync();
        Assert.True(box!.Y + box.Height <= 390, $"the notice pushes the button out of reach: it ends at {box.Y + box.Height} of 390");
    }

    [Theory]
    [InlineData(720, 450)]
    [InlineData(320, 256)]
    public async Task ZoomedIn_NothingIsCutOff(int width, int height)
    {
        // A window of 1440 x 900 at 200 %, and the smallest that WCAG 1.4.10 asks for.
        await using var page = await fixture.OpenAsync(new ViewportSize { Width = width, Height = height });
        await page.Page.GetByTestId("send").ScrollIntoViewIfNeededAsync();
        var box = await page.Page.GetByTestId("send").BoundingBoxAsync();
        Assert.True(box!.Y + box.Height <= height && box.X + box.Width <= width, $"the last control ends at {box.X + box.Width}, {box.Y + box.Height}");
        const string wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth).map(e => `${e.tagName}#${e.id} ${e.textContent.slice(0, 80)}`).join('; ')";
        Assert.False(await page.GetAsync<bool>("document.documentElement.scrollWidth > innerWidth"), "the page scrolls sideways: " + await page.GetAsync<string>(wide));
    }

    [Fact]
    public async Task ServerGoneBeforeTheFirstTypedTurn_WhatWasTypedIsKept_AndNoSoundStaysOpen()
    {
        const string contexts = "window.contexts = []; const Context = AudioContext; window.AudioContext = class extends Context { constructor(options) { super(options); contexts.push(this); } };";
        await using var page = await fixture.OpenAsync(script: contexts);
        await page.Page.RouteAsync("**/js/app.js", route => route.AbortAsync());
        await page.TypeAsync("do not lose this");
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("could not be loaded");
        await Assertions.Expect(page.Page.GetByTestId("text-input")).ToHaveValueAsync("do not lose this");
        await page.UntilAsync("contexts.length === 1 && contexts.every(c => c.state === 'closed')");
    }

    [Fact]
    public async Task BrowserWithoutWebRtc_SaysSoInTheList_AndTalksOverAWebSocket()
    {
        await using var page = await fixture.OpenAsync(script: "delete window.RTCPeerConnection;", path: "?transport=webrtc");
        var webRtc = page.Page.GetByTestId("transport-select").Locator("option[value=webrtc]");
        Assert.True(await webRtc.IsDisabledAsync());
        await Assertions.Expect(webRtc).ToContainTextAsync("not supported by this browser");
        await page.TypeAsync("over the other way");
        await Assertions.Expect(page.CaptionOf("assistant", "over the other way")).ToBeVisibleAsync();
        Assert.Equal("websocket", (await page.SessionAsync()).GetProperty("transport").GetString());
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task BrowserKeepsNoDataOfSites_ThePageStands_AndTalks()
    {
        await using var page = await fixture.OpenAsync(script: "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });");
        await page.TypeAsync("nothing is kept");
        await Assertions.Expect(page.CaptionOf("assistant", "nothing is kept")).ToBeVisibleAsync();
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.Talk).ToBeEnabledAsync();
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task EventThatIsReadByKeyboard_KeepsTheFocus_WhileOthersCome()
    {
        await using var page = await fixture.OpenAsync();
        await page.TypeAsync("one");
        await Assertions.Expect(page.CaptionOf("assistant", "one")).ToBeVisibleAsync();
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await page.Page.GetByTestId("tab-events").ClickAsync();
        var first = page.Page.GetByTestId("event-log").Locator("summary").First;
        await first.FocusAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByTestId("event-log").Locator("pre")).ToHaveCountAsync(1);
        int before = await page.Page.GetByTestId("event-log").Locator("li").CountAsync();
        await page.TypeAsync("two");
        await first.FocusAsync();
        await Assertions.Expect(page.CaptionOf("assistant", "two")).ToBeVisibleAsync();
        await page.UntilAsync($"document.querySelectorAll('[data-testid=event-log] li').length > {before}");
        await Assertions.Expect(first).ToBeFocusedAsync();
        await Assertions.Expect(page.Page.GetByTestId("event-log").Locator("pre")).ToHaveCountAsync(1);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task ServerLetsNobodyIn_WhatWasTypedStandsInItsFieldAgain()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/api/ephemeral-token", route => route.FulfillAsync(new() { Status = 403, ContentType = "application/json", Body = ErrorBody }));
        await page.TypeAsync("let me in");
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("Not today.");
        await Assertions.Expect(page.Page.GetByTestId("text-input")).ToHaveValueAsync("let me in");
        await Assertions.Expect(page.Captions.Locator("li")).ToHaveCountAsync(0);
    }

    private const string ErrorBody = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"no\",\"message\":\"Not today.\"}}";

    [Fact]
    public async Task OperatorLetsCallersSetNothing_TheCallBeginsWithoutAnError()
    {
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival:Policy:AllowedFields:0", "metadata"));
        await using var page = await fixture.OpenAsync(server.Address);
        await page.TypeAsync("as it is, then");
        await Assertions.Expect(page.CaptionOf("assistant", "as it is, then")).ToBeVisibleAsync();
        Assert.DoesNotContain("error", (await page.SessionAsync()).GetProperty("turns").EnumerateArray().Select(turn => turn.GetProperty("kind").GetString()));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task ServerGoneBeforeTheFirstCall_TheButtonSaysWhatToDo()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.RouteAsync("**/js/app.js", route => route.AbortAsync());
        await page.Talk.ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("could not be loaded");
        await Assertions.Expect(page.Status).ToContainTextAsync("Press to talk");
        await page.Page.UnrouteAllAsync();
        await page.Page.GetByTestId("notice-reload").ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToBeHiddenAsync();
        await page.StartCallAsync();
    }

    [Fact]
    public async Task Keyboard_OpensTheDetailsAndStartsTheCall_BeforeAnythingOfItIsLoaded()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.Keyboard.PressAsync("d");
        await Assertions.Expect(page.Page.GetByTestId("tab-line")).ToBeFocusedAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(page.Page.GetByTestId("tab-line")).ToBeHiddenAsync();
        await page.Page.Keyboard.PressAsync("t");
        await page.UntilAsync("['listening', 'speaking', 'hearing', 'thinking'].includes(voiceCarnival.state)");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task MicrophoneDenied_SaysHowToUndoIt_AndTypingStillWorks()
    {
        await using var browser = await Browser.LaunchAsync(microphone: null);
        await using var page = await browser.OpenAsync(fixture.Address);
        await page.Talk.ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToBeVisibleAsync();
        await page.UntilAsync("['denied', 'noMicrophone'].includes(voiceCarnival.notice)");
        await page.Page.GetByTestId("notice-typed").ClickAsync();
        await page.UntilAsync("voiceCarnival.state === 'ready'");
        await page.Page.GetByTestId("text-input").FillAsync("no microphone here");
        await page.Page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "no microphone here" })).ToBeVisibleAsync();
        Assert.Empty(page.Errors);
    }

    private static async Task AssertAccessibleAsync(TalkPage page, string when)
    {
        var result = await page.Page.RunAxe();
        var faults = result.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id}: {v.Help} ({string.Join("; ", v.Nodes.Select(n => n.Html))})").ToList();
        Assert.True(faults.Count == 0, $"{when}: {string.Join("\n", faults)}");
    }
}
