using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The page is loaded anew in the middle of a call.</summary>
public sealed class ReloadTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task ReloadInMidCall_ComesBackToTheSameSession_WithItsCaptions_AndLeavesNothingBehind()
    {
        await using var page = await fixture.OpenAsync();
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.TypeAsync("before the reload");
        await Assertions.Expect(page.CaptionOf("assistant", "before the reload")).ToBeVisibleAsync();
        string session = await page.GetAsync<string>("voiceCarnival.session.id");

        await page.Page.ReloadAsync();
        await page.UntilAsync("window.voiceCarnival?.state === 'muted'");
        await Assertions.Expect(page.CaptionOf("assistant", "before the reload")).ToBeVisibleAsync();
        await Assertions.Expect(page.CaptionOf("aside", "Reconnected")).ToBeVisibleAsync();
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.Equal(0, await page.GetAsync<int>("sessionStorage.length"));

        await page.TypeAsync("after the reload");
        await Assertions.Expect(page.CaptionOf("assistant", "after the reload")).ToBeVisibleAsync();
        await page.Talk.ClickAsync();
        await page.UntilAsync("voiceCarnival.state === 'idle'");
        await page.Page.ReloadAsync();
        await page.UntilAsync("window.voiceCarnival?.state === 'idle'");
        Assert.Equal("{}", await page.GetAsync<string>("JSON.stringify(sessionStorage)"));
        Assert.DoesNotContain("resume", await page.GetAsync<string>("JSON.stringify(localStorage)"), StringComparison.Ordinal);
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task ReloadAfterTheServerForgot_CaptionsStay_ANewConversationBegins()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var page = await fixture.OpenAsync(server.Address);
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.TypeAsync("before the restart");
        await Assertions.Expect(page.CaptionOf("assistant", "before the restart")).ToBeVisibleAsync();

        await server.KillAsync();
        await server.StartAsync();
        await page.Page.ReloadAsync();

        await Assertions.Expect(page.CaptionOf("divider", "The conversation was lost")).ToBeVisibleAsync();
        await Assertions.Expect(page.CaptionOf("assistant", "before the restart")).ToBeVisibleAsync();
        await page.TypeAsync("after the restart");
        await Assertions.Expect(page.CaptionOf("assistant", "after the restart")).ToBeVisibleAsync();
    }
}
