using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The server goes away in the middle of a call and comes back.</summary>
public sealed class ReconnectTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task ServerIsKilledAndStartedAgain_CallGoesOn_CaptionsAreKept()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var page = await fixture.OpenAsync(server.Address);
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.Page.GetByTestId("text-input").FillAsync("before the storm");
        await page.Page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "before the storm" })).ToBeVisibleAsync();

        await server.KillAsync();
        await page.UntilAsync("voiceCarnival.state === 'reconnecting'");
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("The connection was lost");
        await Assertions.Expect(page.Status).ToContainTextAsync(new Regex("Next try in [0-9]+ s"));
        await Assertions.Expect(page.Page.Locator("#count")).ToHaveTextAsync(new Regex("^[0-9]+$"));
        await page.TypeAsync("in the storm");
        await Assertions.Expect(page.CaptionOf("user", "in the storm")).ToContainTextAsync("waits");
        await server.StartAsync();
        await page.UntilAsync("!['reconnecting', 'connecting', 'idle'].includes(voiceCarnival.state)");

        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "before the storm" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "in the storm" })).ToBeVisibleAsync();
        await page.Page.GetByTestId("text-input").FillAsync("after the storm");
        await page.Page.GetByTestId("send").ClickAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant").Filter(new() { HasText = "after the storm" })).ToBeVisibleAsync();
        // The browser itself writes failed connections to the console; the page's own code must not fail.
        Assert.All(page.Errors, error => Assert.Matches("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection", error));
    }
}
