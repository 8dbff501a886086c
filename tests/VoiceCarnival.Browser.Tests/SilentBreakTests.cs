using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The line dies in the middle of an answer and tells nobody, as in a tunnel.</summary>
public sealed class SilentBreakTests(SpeakingBrowser fixture)
{
    private const string Answer = "One two three four five six seven eight nine ten eleven twelve.";
    private const int Milliseconds = 6000;

    [Fact]
    public async Task LineThatSwallowsHalfAnAnswer_TheAnswerIsWholeInTheEnd_AndNothingIsStuck()
    {
        string script = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(script, $$"""{ "pace": { "speed": 1, "lead_ms": 200 }, "turns": [ { "reply": [ { "say": "{{Answer}}", "ms": {{Milliseconds}} } ] } ] }""");
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival:Local:Brain", "script"), ("VoiceCarnival:Local:Script", script));
        await using var line = new BreakableLine(server.Address.Port);
        await using var page = await fixture.OpenAsync(new UriBuilder(server.Address) { Port = line.Port }.Uri);
        await page.TypeAsync("count"); // a call without a microphone
        await page.UntilAsync("voiceCarnival.session?.turns.some(t => t.kind === 'assistant' && t.receivedMs > 1000) ?? false");

        string session = await page.GetAsync<string>("voiceCarnival.session.id");
        line.Stall();
        await page.UntilAsync("voiceCarnival.state === 'reconnecting' || voiceCarnival.session.turns.some(t => t.kind === 'notice')");
        await Assertions.Expect(page.CaptionOf("aside", "Reconnected")).ToBeVisibleAsync();
        await Assertions.Expect(page.CaptionOf("assistant", Answer)).ToBeVisibleAsync();
        await page.UntilAsync($"voiceCarnival.session.activeResponse === '' && voiceCarnival.session.turns.find(t => t.kind === 'assistant').receivedMs === {Milliseconds}");
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.Equal(Answer, await page.GetAsync<string>("voiceCarnival.session.turns.find(t => t.kind === 'assistant').text"));
        Assert.Equal(1, await page.GetAsync<int>("voiceCarnival.session.turns.filter(t => t.kind === 'assistant').length"));
        await page.UntilAsync("voiceCarnival.state === 'ready'"); // it was heard to its end

        await page.TypeAsync("again");
        await page.UntilAsync("voiceCarnival.session.turns.filter(t => t.kind === 'assistant').length === 2");
        Assert.Empty(page.Errors);
        File.Delete(script);
    }
}
