using System.Text.Json;
using Microsoft.Playwright;

namespace VoiceCarnival.Browser.Tests;

/// <summary>The same conversation over WebRTC, whose sound the browser sends and plays as tracks.</summary>
public sealed class WebRtcTests(SpeakingBrowser fixture)
{
    private const string Path = "?transport=webrtc";

    // Counts the offers that go out, and lets a test break the path: the connection says that it failed, as it does when its port is blocked.
    private const string Peers = """
        const Peer = RTCPeerConnection;
        window.peers = [];
        window.trail = []; // what happened when, for who reads why a test failed
        const note = what => trail.push(`${Math.round(performance.now())} ${what}`);
        window.RTCPeerConnection = class extends Peer {
          constructor(...options) {
            super(...options);
            note(`peer ${peers.push(this)}`);
            for (const of of ['connection', 'iceConnection', 'iceGathering', 'signaling'])
              this.addEventListener(`${of.toLowerCase()}statechange`, () => note(`${of} ${this[`${of}State`]}`));
          }
          get connectionState() {
            return this.forced ?? super.connectionState;
          }
        };
        window.breakPath = () => {
          const peer = peers.at(-1);
          peer.forced = 'failed';
          peer.dispatchEvent(new Event('connectionstatechange'));
          peer.forced = undefined;
        };
        """;

    [Fact]
    public async Task SpokenSentence_IsHeardBack_WithCaptionsLatencyAndTheLineFigures()
    {
        await using var page = await fixture.OpenAsync(path: Path);
        await page.StartCallAsync();
        await page.AssertHearsItsOwnSentenceAsync();

        await Assertions.Expect(page.Captions.Locator("li.user").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Captions.Locator("li.assistant svg.picture").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByTestId("latency-answer")).ToContainTextAsync("ms");
        await page.UntilAsync("voiceCarnival.latencies.roundTripMs.length >= 1");
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        var line = page.Page.Locator("#view-line");
        await Assertions.Expect(line).ToContainTextAsync("as a track");
        await Assertions.Expect(line).ToContainTextAsync("to this server, direct, UDP");
        await Assertions.Expect(line.GetByText("Gaps in playback")).ToBeHiddenAsync(); // that is of frames
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task SpeakingOverTheAnswer_StopsIt_AndTheServerCutsItThere()
    {
        await using var page = await fixture.OpenAsync(path: Path);
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.bargeInToSilenceMs.length >= 1");
        await page.UntilAsync("voiceCarnival.session.turns.some(t => t.kind === 'assistant' && t.status === 'cut' && t.cutMs > 0)");
        await AssertLoggedAsync(page, "output_audio_buffer.cleared");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task TypedTurn_AndAnAnswerThatIsStopped_InTheSameCall()
    {
        await using var page = await fixture.OpenAsync(path: Path);
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.state === 'speaking'");
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.TypeAsync("twelve green bottles");
        await Assertions.Expect(page.CaptionOf("assistant", "twelve green bottles")).ToBeVisibleAsync();
        // The answer that was spoken has stopped, and muted, nobody begins another.
        await page.UntilAsync("voiceCarnival.state === 'muted' && Math.max(...voiceCarnival.lastPlayed(300)) < 0.01");
        await page.Talk.ClickAsync();
        await page.UntilAsync("voiceCarnival.state === 'idle'");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task PushToTalk_WhatWasSaidUntilTheReleaseIsHeardBack()
    {
        await using var page = await fixture.OpenAsync(path: Path);
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await page.Page.GetByTestId("tab-voice").ClickAsync();
        await page.Page.GetByTestId("turn-detection").SelectOptionAsync("push_to_talk");
        await page.StartCallAsync();
        var hold = await page.Page.GetByTestId("hold-to-talk").BoundingBoxAsync();
        await page.Page.Mouse.MoveAsync(hold!.X + 20, hold.Y + 20);

        // A browser that has to stretch or mend the sound on a busy machine changes its shape: then once more.
        double best = 0;
        for (int turn = 1; best <= MicrophoneFile.Alike; turn++)
        {
            Assert.True(turn <= 4, $"what was played is not what was said: correlation {best:F2} at best");
            await page.UntilAsync("Math.max(...voiceCarnival.lastCaptured(300)) < 0.01"); // between two sentences
            await page.Page.Mouse.DownAsync();
            await page.UntilAsync("Math.max(...voiceCarnival.lastCaptured(100)) > 0.1");
            await page.UntilAsync("Math.max(...voiceCarnival.lastCaptured(300)) < 0.01");
            await page.Page.Mouse.UpAsync();
            await page.UntilAsync("voiceCarnival.state === 'speaking'");
            await page.UntilAsync("voiceCarnival.state === 'ready'");
            best = MicrophoneFile.CorrelationWith(await page.SamplesAsync("lastPlayed", 6000));
        }

        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task WithoutAMicrophone_TypingWorks()
    {
        await using var page = await fixture.OpenAsync(path: Path, script: "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotFoundError'); };");
        await page.Talk.ClickAsync();
        await page.Page.GetByTestId("notice-typed").ClickAsync();
        await page.UntilAsync("voiceCarnival.state === 'ready'");
        await page.TypeAsync("no microphone here");
        await Assertions.Expect(page.CaptionOf("assistant", "no microphone here")).ToBeVisibleAsync();
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task ReloadInMidCall_ComesBackToTheSameSession()
    {
        await using var page = await fixture.OpenAsync(path: Path);
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.TypeAsync("before the reload");
        await Assertions.Expect(page.CaptionOf("assistant", "before the reload")).ToBeVisibleAsync();
        string session = await page.GetAsync<string>("voiceCarnival.session.id");

        await page.Page.ReloadAsync();
        await Assertions.Expect(page.CaptionOf("aside", "Reconnected")).ToBeVisibleAsync();
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        await page.TypeAsync("after the reload");
        await Assertions.Expect(page.CaptionOf("assistant", "after the reload")).ToBeVisibleAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task SwitchesOfTransportInMidCall_KeepTheSession_AndLeaveNoOtherBehind()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var page = await fixture.OpenAsync(server.Address);
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");
        string session = await page.GetAsync<string>("voiceCarnival.session.id");

        await page.Page.GetByTestId("transport-select").SelectOptionAsync("webrtc");
        await Assertions.Expect(page.CaptionOf("aside", "Now over WebRTC")).ToBeVisibleAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Equal([session], await SessionsAsync(server));

        await page.Page.GetByTestId("transport-select").SelectOptionAsync("websocket");
        await Assertions.Expect(page.CaptionOf("aside", "Now over WebSocket")).ToBeVisibleAsync();
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Equal([session], await SessionsAsync(server));
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        await Assertions.Expect(page.Captions.Locator("li.error")).ToHaveCountAsync(0);

        await page.Page.GetByTestId("transport-select").SelectOptionAsync("webrtc");
        await Assertions.Expect(page.CaptionOf("aside", "Now over WebRTC")).ToHaveCountAsync(2);
        await page.Talk.ClickAsync();
        await UntilAsync(async () => (await SessionsAsync(server)).Length == 0, "hanging up ends the session");
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task PathFails_ItIsRenewed_AndTheCallGoesOn()
    {
        await using var page = await fixture.OpenAsync(path: Path, script: Peers);
        var renewals = new List<string>();
        page.Page.Request += (_, request) =>
        {
            if (request.Method == "PATCH")
                renewals.Add(request.Url);
        };
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");
        string path = await page.GetAsync<string>(SelectedPath);

        await page.GetAsync<object>("void breakPath()");
        await page.UntilAsync($"{SelectedPath}.then(now => now && now !== '{path}')");
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.Single(renewals);
        Assert.Contains("/v1/realtime/calls/rtc_", renewals[0], StringComparison.Ordinal);
        Assert.Equal(1, await page.GetAsync<int>("peers.length"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task PathCannotBeRenewed_ANewCallGoesOnWithTheSameSession()
    {
        await using var page = await fixture.OpenAsync(path: Path, script: Peers);
        await page.Page.RouteAsync("**/v1/realtime/calls/rtc_*", route => route.AbortAsync());
        await page.StartCallAsync();
        await page.UntilAsync("voiceCarnival.latencies.speechEndToAudioMs.length >= 1");
        string session = await page.GetAsync<string>("voiceCarnival.session.id");

        await page.GetAsync<object>("void breakPath()");
        await Assertions.Expect(page.CaptionOf("aside", "Reconnected")).ToBeVisibleAsync();
        Assert.Equal(session, await page.GetAsync<string>("voiceCarnival.session.id"));
        Assert.Equal(2, await page.GetAsync<int>("peers.length"));
        await page.AssertHearsItsOwnSentenceAsync();
        Assert.All(page.Errors, error => Assert.Contains("ERR_FAILED", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ServerIsKilledAndStartedAgain_CallGoesOn_CaptionsAreKept()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var page = await fixture.OpenAsync(new Uri(server.Address, Path));
        await page.StartCallAsync();
        await page.Page.GetByTestId("mute").ClickAsync();
        await page.TypeAsync("before the storm");
        await Assertions.Expect(page.CaptionOf("assistant", "before the storm")).ToBeVisibleAsync();

        await server.KillAsync();
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("The connection was lost");
        await server.StartAsync();
        await page.UntilAsync("!['reconnecting', 'connecting', 'idle'].includes(voiceCarnival.state)");
        await Assertions.Expect(page.CaptionOf("divider", "The conversation was lost")).ToBeVisibleAsync();
        await Assertions.Expect(page.CaptionOf("assistant", "before the storm")).ToBeVisibleAsync();
        await page.TypeAsync("after the storm");
        await Assertions.Expect(page.CaptionOf("assistant", "after the storm")).ToBeVisibleAsync();
        Assert.All(page.Errors, error => Assert.Matches("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|40[14]", error));
    }

    [Fact]
    public async Task TheOperatorHangsUp_ThePageSaysThatItIsOver_AndDoesNotCallAgain()
    {
        await using var server = await ServerProcess.StartAsync();
        await using var page = await fixture.OpenAsync(new Uri(server.Address, Path), script: Peers);
        await page.StartCallAsync();
        using var client = new HttpClient { BaseAddress = server.Address };
        using var sessions = JsonDocument.Parse(await client.GetStringAsync("/api/sessions"));
        string call = sessions.RootElement.GetProperty("sessions")[0].GetProperty("call_id").GetString()!;
        (await client.PostAsync($"/v1/realtime/calls/{call}/hangup", null)).EnsureSuccessStatusCode();

        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("The call was ended");
        await Assertions.Expect(page.Status).ToContainTextAsync("Press to talk");
        Assert.Equal(1, await page.GetAsync<int>("peers.length"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task NetworkThatStopsWebRtc_TheWebSocketTakesOver_AndThePageSaysSo()
    {
        await using var page = await fixture.OpenAsync(path: Path, script: Peers + """
            window.RTCPeerConnection = class extends RTCPeerConnection {
              // The answer's addresses lead nowhere.
              setRemoteDescription(d) {
                setTimeout(() => breakPath(), 100);
                return super.setRemoteDescription({ type: d.type, sdp: d.sdp.replace(/^a=candidate.*\r\n/gm, '') });
              }
            };
            """);
        await page.Talk.ClickAsync();
        await Assertions.Expect(page.Page.GetByTestId("notice")).ToContainTextAsync("goes on over WebSocket");
        await page.AssertHearsItsOwnSentenceAsync();
        await Assertions.Expect(page.Page.GetByTestId("transport-select")).ToHaveValueAsync("websocket");
        Assert.Empty(page.Errors);
    }

    private const string SelectedPath = "peers.at(-1).getStats().then(report => [...report.values()].find(s => s.type === 'transport')?.selectedCandidatePairId ?? '')";

    private static async Task AssertLoggedAsync(TalkPage page, string type)
    {
        await page.Page.GetByTestId("panel-toggle").ClickAsync();
        await page.Page.GetByTestId("tab-events").ClickAsync();
        await page.Page.GetByTestId("event-filter").FillAsync(type);
        await Assertions.Expect(page.Page.GetByTestId("event-log").Locator("li").First).ToBeVisibleAsync();
    }

    private static async Task<string[]> SessionsAsync(ServerProcess server)
    {
        using var client = new HttpClient { BaseAddress = server.Address };
        using var sessions = JsonDocument.Parse(await client.GetStringAsync("/api/sessions"));
        return [.. sessions.RootElement.GetProperty("sessions").EnumerateArray().Select(s => s.GetProperty("id").GetString()!)];
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        for (int i = 0; !await condition(); i++)
        {
            Assert.True(i < 200, $"it did not come true that {what}");
            await Task.Delay(50);
        }
    }
}
