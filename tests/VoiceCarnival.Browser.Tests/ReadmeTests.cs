namespace VoiceCarnival.Browser.Tests;

/// <summary>What the README shows works as it is written there.</summary>
public sealed class ReadmeTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task TokenExample_OnAnotherOrigin_GetsItsAnswer()
    {
        using var frontend = new Frontend();
        string readme = await File.ReadAllTextAsync(Path.Combine(ServerProcess.Root, "README.md"));
        string code = readme.Split("```js\n")[1].Split("```")[0];
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival:Access:AllowedOrigins:0", frontend.Origin));
        await using var page = await fixture.OpenAsync(server.Address);
        var answered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        page.Page.Console += (_, message) => answered.TrySetResult(message.Text);

        await page.Page.GotoAsync(frontend.Origin + "/");
        await page.Page.EvaluateAsync($"async () => {{ const SERVER = '{server.Address.ToString().TrimEnd('/')}'; {code} }}");

        Assert.Equal("Hello", await answered.Task.WaitAsync(TimeSpan.FromSeconds(20)));
    }
}
