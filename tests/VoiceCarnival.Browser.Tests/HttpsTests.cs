namespace VoiceCarnival.Browser.Tests;

/// <summary>The page over https: the socket is <c>wss</c>, and over HTTP/2 it opens in another way (RFC 8441).</summary>
public sealed class HttpsTests(SpeakingBrowser fixture)
{
    [Fact]
    public async Task PageOverHttps_TalksOverWss()
    {
        using var certificate = new TestCertificate();
        await using var server = await ServerProcess.StartAsync(certificate);
        await using var page = await fixture.OpenAsync(server.SecureAddress);
        var sockets = new List<string>();
        page.Page.WebSocket += (_, socket) => sockets.Add(socket.Url);

        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");

        Assert.All(sockets, url => Assert.StartsWith("wss://", url, StringComparison.Ordinal));
        Assert.Single(sockets);
        Assert.Empty(page.Errors);
    }
}
