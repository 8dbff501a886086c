using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The page below a path of a site that has other things besides: nothing of it may be looked for at the site's root.</summary>
public sealed class PrefixTests(SpeakingBrowser fixture)
{
    [Theory]
    [InlineData("websocket")]
    [InlineData("webrtc")]
    public async Task PageBelowAPath_Talks(string transport)
    {
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival:Access:TrustedProxies:0", "127.0.0.1"), ("VoiceCarnival:Access:Authentication", "off"));
        await using var proxy = await PrefixProxy.StartAsync("/voice", server.Address);
        await using var page = await fixture.OpenAsync(new Uri(proxy.Address, "?transport=" + transport));
        var asked = new List<string>();
        page.Page.Request += (_, request) => asked.Add(request.Url);
        page.Page.WebSocket += (_, socket) => asked.Add(socket.Url);

        // Without the microphone, whose sentences would cut the answer before it has words.
        await page.TypeAsync("from below");
        await Assertions.Expect(page.CaptionOf("assistant", "from below")).ToBeVisibleAsync();
        Assert.Equal(transport, await page.Page.GetByTestId("transport-select").InputValueAsync());
        await page.Page.GetByTestId("transport-select").SelectOptionAsync("sip");
        await Assertions.Expect(page.Page.GetByTestId("sip-addresses")).ToBeVisibleAsync();

        Assert.All(asked, url => Assert.StartsWith("/voice/", new Uri(url).AbsolutePath, StringComparison.Ordinal));
        Assert.Contains(asked, url => new Uri(url).AbsolutePath == (transport == "webrtc" ? "/voice/v1/realtime/calls" : "/voice/v1/realtime"));
        Assert.Empty(page.Errors);
    }
}
