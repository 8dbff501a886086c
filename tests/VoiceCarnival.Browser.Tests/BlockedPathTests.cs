using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>A firewall between the browser and the server swallows what travels by UDP, as firewalls, NATs that forget and changes of networks do: real packets, real time-outs.</summary>
public sealed class BlockedPathTests(SpeakingBrowser fixture, WalledServer walled) : IClassFixture<WalledServer>
{
    private const string Path = "?transport=webrtc";

    private const string Peers = """
        const Peer = RTCPeerConnection;
        window.peers = [];
        window.trail = []; // what happened when, for who reads why a test failed
        const note = what => trail.push(`${Math.round(performance.now())} ${what}`);
        window.RTCPeerConnection = class extends Peer {
          constructor(...options) {
            super(...options);
            note(`peer ${peers.push(this)}`);
            this.addEventListener('connectionstatechange', () => note(this.connectionState));
            this.addEventListener('iceconnectionstatechange', () => note(`ICE ${this.iceConnectionState}`));
          }
        };
        """;

    // A browser with several addresses has several ports to turn to by itself.
    private const string Ports = "async peer => [...(await peer.getStats()).values()].filter(s => s.type === 'local-candidate' && s.protocol === 'udp').map(s => s.port)";

    [Fact]
    public async Task ThePortIsBlocked_TheSameCallGoesOnFromAnother_AndIsHeard()
    {
        var (network, server) = walled.OrSkip();
        await using var page = await fixture.OpenAsync(new Uri(server.SecureAddress, Path), script: Peers);
        var restarts = new List<IResponse>();
        page.Page.Response += (_, response) =>
        {
            if (response.Request.Method == "PATCH")
                restarts.Add(response);
        };
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");
        string session = await page.GetAsync<string>("voiceCarnival.session.id");
        string call = await CallAsync(server, session);
        int[] before = await page.GetAsync<int[]>($"({Ports})(peers[0])");

        network.Block(before);
        await page.UntilAsync("peers[0].connectionState !== 'connected'");
        await page.UntilAsync("peers[0].connectionState === 'connected'");

        await AssertHearsAgainAsync(page);
        Assert.Equal(200, Assert.Single(restarts).Status);
        Assert.EndsWith(call, restarts[0].Url, StringComparison.Ordinal);
        Assert.True(await page.GetAsync<int>("peers.length") == 1, await page.GetAsync<string>("trail.join('; ')"));
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.Equal(call, await CallAsync(server, session));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task NoUdpPassesForAWhile_TheConversationGoesOn_AndIsHeard()
    {
        var (network, server) = walled.OrSkip();
        await using var page = await fixture.OpenAsync(new Uri(server.SecureAddress, Path), script: Peers);
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");
        string session = await page.GetAsync<string>("voiceCarnival.session.id");
        string call = await CallAsync(server, session);

        // 1. The restart finds no way either. 2. A second call is on its way when the wall opens.
        network.BlockUdp();
        await page.UntilAsync("peers.length === 2");
        network.Open();
        await Assertions.Expect(page.CaptionOf("aside", "Reconnected")).ToBeVisibleAsync();

        await AssertHearsAgainAsync(page);
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.NotEqual(call, await CallAsync(server, session));
        Assert.Equal("webrtc", await page.GetAsync<string>("document.querySelector('[data-testid=transport-select]').value"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task NoUdpPassesAnyMore_TheSameConversationGoesOnOverTheWebSocket()
    {
        var (network, server) = walled.OrSkip();
        await using var page = await fixture.OpenAsync(new Uri(server.SecureAddress, Path), script: Peers);
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");
        string session = await page.GetAsync<string>("voiceCarnival.session.id");

        network.BlockUdp();
        await page.UntilAsync("voiceCarnival.state === 'reconnecting'");
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("goes on over WebSocket", new() { Timeout = 60_000 });

        await AssertHearsAgainAsync(page);
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task Firefox_ThePortIsBlocked_ItsRestartBringsTheSoundBack()
    {
        Assert.SkipUnless(File.Exists(Firefox.Path), $"There is no Firefox at {Firefox.Path}. On Debian: apt-get install firefox-esr.");
        var (network, server) = walled.OrSkip();
        await using var firefox = await Firefox.LaunchAsync();
        await firefox.GoToAsync(server.SecureAddress);
        await firefox.EvaluateAsync(BareWebRtcTests.Call);
        var ports = await firefox.EvaluateAsync($"() => ({Ports})(call.pc)");

        network.Block(ports.EnumerateArray().Select(port => port.GetInt32()));
        var after = await firefox.EvaluateAsync("""
            async () => {
              const until = async (what, condition) => {
                for (const deadline = Date.now() + 40_000; !(await condition()); await new Promise(resolve => setTimeout(resolve, 100)))
                  if (Date.now() > deadline) throw new Error(`not ${what}: ${call.pc.iceConnectionState}`);
              };
              const received = async () => (await call.stats()).find(s => s.type === 'inbound-rtp').packetsReceived;
              await until('broken', () => ['disconnected', 'failed'].includes(call.pc.iceConnectionState));
              await call.exchange('PATCH', call.location, { iceRestart: true });
              const before = await received();
              await until('heard again', async () => await received() > before + 50);
              call.dc.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime', instructions: 'after' } }));
              return (await call.until('session.updated')).session.instructions;
            }
            """);
        Assert.Equal("after", after.GetString());
    }

    // A sentence that begins after the break.
    private static async Task AssertHearsAgainAsync(TalkPage page)
    {
        int answers = await page.GetAsync<int>("voiceCarnival.latencies.speechEndToAudioMs.length");
        await page.UntilAsync($"voiceCarnival.latencies.speechEndToAudioMs.length > {answers}");
        await page.AssertHearsItsOwnSentenceAsync();
    }

    private static async Task<string> CallAsync(ServerProcess server, string session)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ServerProcess.OperatorKey);
        using var sessions = JsonDocument.Parse(await client.GetStringAsync("/api/sessions"));
        return Assert.Single(sessions.RootElement.GetProperty("sessions").EnumerateArray(), listed => listed.GetProperty("id").GetString() == session).GetProperty("call_id").GetString()!;
    }
}
