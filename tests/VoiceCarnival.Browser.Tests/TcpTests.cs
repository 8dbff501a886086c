using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Networks that let no UDP through: the page reaches the server over TCP, where the operator gives a port for it.</summary>
public sealed class TcpTests(SpeakingBrowser fixture)
{
    // The browser learns of no UDP candidate, as where a firewall lets none of its packets out.
    private const string NoUdp = """
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function (description) {
          return set.call(this, { type: description.type, sdp: description.sdp.split('\r\n').filter(line => !/^a=candidate:\S+ \d+ udp /.test(line)).join('\r\n') });
        };
        """;

    [Fact]
    public async Task WithoutUdp_ThePageTalksOverTcp()
    {
        await using var server = await ServerProcess.StartAsync(("VoiceCarnival:Engine", "local"), ("VoiceCarnival:WebRtc:TcpPort", "0"));
        await using var page = await fixture.OpenAsync(new Uri(server.Address, "?transport=webrtc"), script: NoUdp);
        await page.StartCallAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await Assertions.Expect(page.Page.Locator("#view-line")).ToContainTextAsync("to this server, direct, TCP");
        Assert.Empty(page.Errors);
    }
}
