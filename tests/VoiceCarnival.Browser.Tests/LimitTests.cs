using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>A session may not last for ever: the page says so before, and what to do after.</summary>
public sealed class LimitTests(SpeakingBrowser fixture) : IDisposable
{
    private readonly string _script = Path.Combine(Path.GetTempPath(), $"limit-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_script);

    [Fact]
    public async Task SessionExpires_IsAnnouncedCalmly_AndTheNextCallIsOnePressAway()
    {
        await File.WriteAllTextAsync(_script, """{ "expire_after_ms": 6000, "turns": [ { "reply": [ { "text": "Noted." } ] } ] }""");
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", _script));
        await using var page = await fixture.OpenAsync(server.Address);
        var notice = page.Page.GetByTestId("notice");

        await page.StartCallAsync();
        await Assertions.Expect(notice).ToContainTextAsync("The call ends soon");
        await page.TypeAsync("keep this");
        await Assertions.Expect(notice).ToContainTextAsync("reached its limit");
        await Assertions.Expect(page.Status).ToContainTextAsync("Press to talk");
        await Assertions.Expect(page.CaptionOf("user", "keep this")).ToBeVisibleAsync();

        await page.Page.GetByTestId("notice-retry").ClickAsync();
        await page.UntilAsync("voiceCarnival.state !== 'idle'");
        await Assertions.Expect(page.CaptionOf("divider", "New conversation")).ToBeVisibleAsync();
        await Assertions.Expect(page.CaptionOf("user", "keep this")).ToBeVisibleAsync();
        Assert.Empty(page.Errors);
    }
}
