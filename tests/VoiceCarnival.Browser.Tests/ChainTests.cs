using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>
/// The main flow once more with the OpenAI engine: the page talks to a gateway whose upstream is a second VoiceCarnival on its local engine.
/// </summary>
public sealed class ChainTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task SpeakHearInterruptReload_AndTheUpstreamRestarts()
    {
        await using var upstream = await ServerProcess.StartAsync(("VoiceCarnival:Engine", "local"));
        await using var gateway = await ServerProcess.StartAsync(
            ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:ApiKey", "sk-of-the-test"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(upstream.Address, "v1").ToString()));
        await using var page = await fixture.OpenAsync(gateway.Address);
        await Assertions.Expect(page.Page.Locator("#engine")).ToContainTextAsync("openai");

        // Speak, hear, interrupt; both sides have their captions.
        await page.StartCallAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        await Assertions.Expect(page.Captions.Locator("li.user").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").First).ToBeVisibleAsync();
        await page.UntilAsync("voiceCarnival.latencies.bargeInToSilenceMs.length >= 1");
        await page.UntilAsync("voiceCarnival.session.turns.some(t => t.kind === 'assistant' && t.status === 'cut')");

        // The page's own line breaks: it comes back to the session.
        await page.Page.GetByTestId("mute").ClickAsync();
        string session = await page.GetAsync<string>("voiceCarnival.session.id");
        int turns = await page.GetAsync<int>("voiceCarnival.session.turns.length");
        await page.Page.ReloadAsync();
        await Assertions.Expect(page.CaptionOf("aside", "Reconnected")).ToBeVisibleAsync();
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.True(await page.GetAsync<int>("voiceCarnival.session.turns.length") > turns, "captions were lost");

        // The engine's line breaks: the page is told, and the call goes on.
        await upstream.KillAsync();
        await upstream.StartAsync();
        await Assertions.Expect(page.CaptionOf("aside", "The agent was away")).ToBeVisibleAsync();
        await page.TypeAsync("after the restart");
        await Assertions.Expect(page.CaptionOf("assistant", "after the restart")).ToBeVisibleAsync();
        Assert.Empty(page.Errors);
    }
}
