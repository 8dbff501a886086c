using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>A person opens the page, speaks into a real browser's microphone and hears the answer.</summary>
public sealed class ConversationTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task SpokenSentence_IsHeardBack_WithCaptionsAndLatency()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartCallAsync();
        await page.AssertHearsItsOwnSentenceAsync();

        await Assertions.Expect(page.Captions.Locator("li.user").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByTestId("latency-answer")).ToContainTextAsync("ms");
        await page.UntilAsync("voiceCarnival.latencies.roundTripMs.length >= 1");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task SpeakingOverTheAnswer_StopsThePlayback()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.bargeInToSilenceMs.length >= 1");
        await page.UntilAsync("voiceCarnival.session.turns.some(t => t.kind === 'assistant' && t.status === 'cut')");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task TypedTurn_InTheSameCall_IsAnsweredInText()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.Page.GetByTestId("text-input").FillAsync("twelve green bottles");
        await page.Page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.Captions.Locator("li.user").Filter(new() { HasText = "twelve green bottles" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "twelve green bottles" })).ToBeVisibleAsync();
        await page.Talk.ClickAsync();
        await page.UntilAsync("voiceCarnival.state === 'idle'");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task AnotherAgentIsChosen_AndAnswersWhatThePageSuggests()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await page.Page.GetByTestId("tab-voice").ClickAsync();
        await page.Page.GetByTestId("agent").SelectOptionAsync("voicecarnival-concierge");
        await Assertions.Expect(page.Page.Locator("#engine")).ToContainTextAsync("concierge");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "What time is it?" }).ClickAsync();
        await Assertions.Expect(page.CaptionOf("assistant", "It is")).ToBeVisibleAsync();
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task WholeCall_ByKeyboardAlone()
    {
        await using var page = await fixture.OpenAsync();
        await page.Page.Keyboard.PressAsync("t");
        await page.UntilAsync("voiceCarnival.state !== 'idle' && voiceCarnival.state !== 'connecting' && voiceCarnival.state !== 'permission'");
        await page.Page.Keyboard.PressAsync("m");
        await Assertions.Expect(page.Page.GetByTestId("mute")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Page.Keyboard.PressAsync("/");
        await page.Page.Keyboard.TypeAsync("by hand");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "by hand" })).ToBeVisibleAsync();
        Assert.Empty(page.Errors);
    }
}
