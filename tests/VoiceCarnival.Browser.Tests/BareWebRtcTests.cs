using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>Chromium's own WebRTC against this server, with nothing of the page's in between.</summary>
public sealed class BareWebRtcTests(SpeakingBrowser browser)
{
    /// <summary>Makes a call and leaves it in <c>window.call</c>.</summary>
    internal const string Call = """
        async () => {
          const events = [];
          let wake = () => {};
          const call = { events, pc: new RTCPeerConnection() };
          const { pc } = call;
          const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
          pc.addTrack(stream.getAudioTracks()[0], stream);
          call.dc = pc.createDataChannel('oai-events');
          call.closed = new Promise(resolve => (call.dc.onclose = resolve));
          call.dc.onmessage = message => { events.push(JSON.parse(message.data)); wake(); };
          call.until = async type => {
            const deadline = Date.now() + 20_000;
            for (;;) {
              const at = events.findIndex(event => event.type === type);
              if (at >= 0) return events.splice(0, at + 1).at(-1);
              if (Date.now() > deadline) throw new Error(`no ${type}; came: ${events.map(event => event.type).join(' ')}`);
              await new Promise(resolve => { wake = resolve; setTimeout(resolve, 250); });
            }
          };
          call.exchange = async (method, path, options) => {
            await pc.setLocalDescription(await pc.createOffer(options));
            const response = await fetch(path, { method, headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
            const sdp = await response.text();
            if (!response.ok) throw new Error(sdp);
            await pc.setRemoteDescription({ type: 'answer', sdp });
            return response.headers.get('Location');
          };
          call.stats = async () => [...(await pc.getStats()).values()];
          call.untilStats = async read => {
            const deadline = Date.now() + 20_000;
            for (;;) {
              const stats = await call.stats();
              const found = read(type => stats.find(entry => entry.type === type));
              if (found) return found;
              if (Date.now() > deadline) throw new Error(`not in ${JSON.stringify(stats.filter(entry => entry.type.endsWith('-rtp')))}`);
              await new Promise(resolve => setTimeout(resolve, 100));
            }
          };
          call.location = await call.exchange('POST', '/v1/realtime/calls?transport=webrtc');
          await call.until('session.created');
          window.call = call;
        }
        """;

    [Fact]
    public async Task Chromium_SpeaksHearsItsEchoAndReports()
    {
        await using var opened = await OpenAsync();
        var page = opened.Page;
        var heard = await page.EvaluateAsync<JsonElement>("""
            async () => {
              const audio = new Audio();
              audio.srcObject = new MediaStream([call.pc.getReceivers()[0].track]);
              audio.play();
              await call.until('input_audio_buffer.speech_started');
              await call.until('output_audio_buffer.started');
              // Chromium knows the round trip once a report of ours answers one of its own, which it sends every few seconds.
              return await call.untilStats(of => {
                const inbound = of('inbound-rtp');
                const roundTrip = of('remote-inbound-rtp')?.roundTripTime;
                return roundTrip !== undefined && inbound.packetsReceived >= 50 && inbound.totalAudioEnergy > 0.001
                  && { packets: inbound.packetsReceived, lost: inbound.packetsLost, energy: inbound.totalAudioEnergy, roundTrip };
              });
            }
            """);
        Assert.InRange(heard.GetProperty("packets").GetInt32(), 50, 100_000);
        Assert.Equal(0, heard.GetProperty("lost").GetInt32());
        Assert.True(heard.GetProperty("energy").GetDouble() > 0.001, $"nothing was heard: {heard}");
        Assert.InRange(heard.GetProperty("roundTrip").GetDouble(), 0, 5);
    }

    [Fact]
    public async Task Chromium_SendsAndGetsLongMessages_AndRestartsItsPath()
    {
        await using var opened = await OpenAsync();
        var page = opened.Page;
        var length = await page.EvaluateAsync<int>("""
            async () => {
              const update = instructions => call.dc.send(JSON.stringify({ type: 'session.update', session: { type: 'realtime', instructions } }));
              update('x'.repeat(200_000));
              const long = (await call.until('session.updated')).session.instructions.length;
              const before = call.pc.remoteDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1];
              await call.exchange('PATCH', call.location, { iceRestart: true });
              if (call.pc.remoteDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1] === before) throw new Error('the ufrag is the old one');
              update('after');
              await call.until('session.updated');
              await new Promise(resolve => setTimeout(resolve, 3000));
              update('and on');
              await call.until('session.updated');
              if (call.pc.connectionState !== 'connected') throw new Error(call.pc.connectionState);
              return long;
            }
            """);
        Assert.Equal(200_000, length);
    }

    [Theory]
    [InlineData("call.dc.close()")]
    [InlineData("fetch(call.location + '/hangup', { method: 'POST' })")]
    public async Task Channel_IsClosedFromEitherSide_AndTheCallIsOver(string act)
    {
        await using var opened = await OpenAsync();
        var page = opened.Page;
        string location = await page.EvaluateAsync<string>("() => call.location");
        await page.EvaluateAsync("async () => { await " + act + "; await call.closed; }");
        await UntilOverAsync(page, location);
    }

    [Fact]
    public async Task PageIsLeft_TheCallIsOver()
    {
        await using var opened = await OpenAsync();
        var page = opened.Page;
        string location = await page.EvaluateAsync<string>("() => call.location");
        await page.ReloadAsync();
        await UntilOverAsync(page, location);
    }

    private async Task<TalkPage> OpenAsync()
    {
        var page = await browser.OpenAsync();
        await page.Page.EvaluateAsync(Call);
        return page;
    }

    private static async Task UntilOverAsync(IPage page, string location)
    {
        string id = location[(location.LastIndexOf('/') + 1)..];
        await page.WaitForFunctionAsync("async id => !(await (await fetch('/api/sessions')).json()).sessions.some(session => session.call_id === id)", id, new() { Timeout = 20_000 });
    }
}
