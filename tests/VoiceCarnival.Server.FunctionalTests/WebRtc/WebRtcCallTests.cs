using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VoiceCarnival.Testing.Realtime;
using VoiceCarnival.Testing.WebRtc;
using VoiceCarnival.Transports.WebRtc.Peers;

namespace VoiceCarnival.Server.FunctionalTests.WebRtc;

/// <summary>Calls of a browser's kind to the local engine: over real UDP, with real handshakes.</summary>
public sealed class WebRtcCallTests(LocalGateway local) : IClassFixture<LocalGateway>
{
    private const string LongUpdate = """{"type":"session.update","session":{"type":"realtime","instructions":"INSTRUCTIONS"}}""";

    [Fact]
    public async Task Call_HasItsEventsAndItsAudio()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        Assert.Matches("^/v1/realtime/calls/rtc_[A-Za-z0-9]{21}$", peer.Location);
        await peer.WaitForAsync("session.created");
        await peer.Heard.WaitAsync(TimeSpan.FromSeconds(20));
        var sessions = await local.SessionsAsync();
        Assert.Contains(sessions, session => session.GetProperty("call_id").GetString() == IdOf(peer) && session.GetProperty("transport").GetString() == "webrtc");
    }

    [Theory]
    [InlineData("/voice", "/v1/realtime/calls", "/voice")]
    [InlineData(null, "/openai/v1/realtime/calls", "/openai")]
    public async Task BelowAPath_TheLocationIsBelowItToo(string? prefix, string path, string expected)
    {
        using var behindProxy = new LocalGateway([("VoiceCarnival:Access:TrustedProxies:0", "127.0.0.1"), ("VoiceCarnival:Access:Authentication", "off")]);
        using var peer = new RtcPeer();
        if (prefix is not null)
            behindProxy.Client.DefaultRequestHeaders.Add("X-Forwarded-Prefix", prefix);
        using var response = await peer.PostAsync(behindProxy.Client, HttpMethod.Post, path);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        string location = response.Headers.Location!.OriginalString;
        Assert.Matches($"^{expected}/v1/realtime/calls/rtc_[A-Za-z0-9]{{21}}$", location);

        // The proxy takes its prefix off again.
        using var ended = await behindProxy.Client.PostAsync((prefix is null ? location : location[prefix.Length..]) + "/hangup", null);
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
    }

    [Fact]
    public async Task SpokenTurn_IsEchoed()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        using var microphone = new PcmuMicrophone(peer);
        await peer.WaitForAsync("input_audio_buffer.speech_started");
        await peer.WaitForAsync("output_audio_buffer.started");
        await peer.WaitForAsync("response.done");
        await peer.WaitForAsync("output_audio_buffer.stopped");
        Assert.InRange(microphone.LoudestHeard, 1000, 32_767);
    }

    [Fact]
    public async Task LongEvents_PassBothWays()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        string instructions = new('x', 200_000);
        Assert.True(peer.Send(LongUpdate.Replace("INSTRUCTIONS", instructions, StringComparison.Ordinal)));
        var updated = await peer.WaitForAsync("session.updated");
        Assert.Equal(instructions, updated.GetProperty("session").GetProperty("instructions").GetString());
    }

    [Fact]
    public async Task EventLongerThanTheBrowserTakes_IsReplacedByAnErrorThatSaysSo()
    {
        using var peer = new RtcPeer(new RtcPeerOptions { MaxMessageSize = 65_536 });
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        Assert.True(peer.Send(LongUpdate.Replace("INSTRUCTIONS", new string('x', 70_000), StringComparison.Ordinal)));
        var error = await peer.WaitForAsync("error");
        Assert.Equal("event_too_large", error.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("65536", error.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MalformedEvent_IsAnsweredAndTheCallGoesOn()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        peer.Send("no json");
        await peer.WaitForAsync("error");
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task EventsAlone_AndAudioAlone_AreCalls(bool data, bool audio)
    {
        using var peer = new RtcPeer(new RtcPeerOptions { HasData = data, HasAudio = audio });
        await peer.CallAsync(local.Client);
        if (data)
            await peer.WaitForAsync("session.created");
        if (audio)
            await peer.Heard.WaitAsync(TimeSpan.FromSeconds(20));
        await local.UntilAsync(sessions => sessions.Any(session => IdIs(session, peer)));
    }

    [Fact]
    public async Task BrowserThatWantsToBeTheServerOfTheHandshake_IsServed()
    {
        using var peer = new RtcPeer(new RtcPeerOptions { Setup = "passive" });
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        await peer.Heard.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallerLeaves_TheSessionEnds(bool inOrder)
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        if (inOrder)
            peer.CloseChannel();
        else
            peer.Abort();
        await local.UntilAsync(sessions => !sessions.Any(session => IdIs(session, peer)));
        if (inOrder)
            Assert.Equal("channel", await peer.Closed.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Hangup_ClosesTheChannel()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        using var response = await local.Client.PostAsync(peer.Location + "/hangup", null);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("channel", await peer.Closed.WaitAsync(TimeSpan.FromSeconds(10)));
        using var again = await local.Client.PostAsync(peer.Location + "/hangup", null);
        await Gateway.ErrorOf(again, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task ReferOfABrowser_IsRefusedAndSaysWhy()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        using var response = await local.Client.PostAsync(peer.Location + "/refer", new StringContent("""{"target_uri":"tel:+14155550123"}""", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal("call_not_referable", (await Gateway.ErrorOf(response, HttpStatusCode.Conflict)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Sideband_HearsTheCallAndActsOnIt()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        await using var sideband = await RealtimeTestClient.ConnectAsync(local.Client.BaseAddress!, "call_id=" + IdOf(peer));
        await sideband.ExpectAsync("session.created");
        await sideband.SendAsync("""{"type":"session.update","session":{"type":"realtime","instructions":"From beside."}}""");
        var updated = await peer.WaitForAsync("session.updated");
        Assert.Equal("From beside.", updated.GetProperty("session").GetProperty("instructions").GetString());
    }

    [Fact]
    public async Task CallerWhoCouldComeBack_SaysThatItHangsUp_TheSessionEnds()
    {
        using var peer = new RtcPeer(new RtcPeerOptions { Protocol = "voicecarnival" });
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("voicecarnival.session.resume_token");
        peer.Send("""{"type":"voicecarnival.hangup"}""");
        await local.UntilAsync(sessions => !sessions.Any(session => IdIs(session, peer)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // as a browser does whose page is loaded anew
    public async Task CallThatBrokeOff_IsTakenUpByAnotherCall(bool closesItsChannel)
    {
        using var peer = new RtcPeer(new RtcPeerOptions { Protocol = "voicecarnival" });
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        string token = (await peer.WaitForAsync("voicecarnival.session.resume_token")).GetProperty("token").GetString()!;
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"Kept."}}""");
        await peer.WaitForAsync("session.updated");
        if (closesItsChannel)
            peer.CloseChannel();
        else
            peer.Abort();

        using var next = new RtcPeer(new RtcPeerOptions { Protocol = "voicecarnival" });
        await next.CallAsync(local.Client, "?transport=webrtc&resume=" + token);
        Assert.NotEqual(peer.Location, next.Location);
        await next.WaitForAsync("voicecarnival.session.resumed");
        await next.WaitForAsync("voicecarnival.session.resume_token");
        next.Send("""{"type":"session.update","session":{"type":"realtime"}}""");
        Assert.Equal("Kept.", (await next.WaitForAsync("session.updated")).GetProperty("session").GetProperty("instructions").GetString());
        await next.Heard.WaitAsync(TimeSpan.FromSeconds(20));
        await local.UntilAsync(sessions => sessions.Any(session => IdIs(session, next)) && !sessions.Any(session => IdIs(session, peer)));

        // The token is used up, and the call before is no more.
        using var used = await next.PostAsync(local.Client, HttpMethod.Post, "/v1/realtime/calls?resume=" + token);
        Assert.Equal("resume_token_invalid", (await Gateway.ErrorOf(used, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        using var gone = await peer.PostAsync(local.Client, HttpMethod.Patch, peer.Location);
        await Gateway.ErrorOf(gone, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task CallsThatComeBackAgainAndAgain_GiveWayToTheNewest()
    {
        using var own = new LocalGateway();
        var table = own.Services.GetRequiredService<PeerServices>().Table;
        using var peer = new RtcPeer(new RtcPeerOptions { Protocol = "voicecarnival" });
        await peer.CallAsync(own.Client);
        string token = (await peer.WaitForAsync("voicecarnival.session.resume_token")).GetProperty("token").GetString()!;
        for (int i = 0; i < 10; i++)
        {
            using var abandoned = new RtcPeer();
            using var response = await abandoned.PostAsync(own.Client, HttpMethod.Post, "/v1/realtime/calls?transport=webrtc&resume=" + token);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }

        Assert.Equal(2, table.Count); // the call that is there, and the last
        using var next = new RtcPeer(new RtcPeerOptions { Protocol = "voicecarnival" });
        await next.CallAsync(own.Client, "?transport=webrtc&resume=" + token);
        await next.WaitForAsync("voicecarnival.session.resumed");
        await Wait.UntilAsync(() => table.Count == 1);
        await own.UntilAsync(sessions => sessions.Count == 1 && IdIs(sessions[0], next));
    }

    [Fact]
    public async Task Restart_GoesOnOverAnotherPath_WithTheSameSession()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        string before = peer.Answer;
        await peer.RestartAsync(local.Client);
        Assert.NotEqual(UfragOf(before), UfragOf(peer.Answer));
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
        long heard = peer.PacketsReceived;
        await Wait.UntilAsync(() => peer.PacketsReceived > heard + 10);
    }

    [Fact]
    public async Task NetworkPathChanges_TheCallFollows()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        await peer.WaitForAsync("session.created");
        peer.MoveSocket();
        peer.Send("""{"type":"session.update","session":{"type":"realtime","instructions":"on"}}""");
        await peer.WaitForAsync("session.updated");
    }

    [Fact]
    public async Task FurtherOffer_WithAnotherCertificate_IsRefused()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        string stranger = string.Join(':', Enumerable.Repeat("AB", 32));
        string offer = System.Text.RegularExpressions.Regex.Replace(peer.Offer(), "sha-256 [0-9A-F:]+", "sha-256 " + stranger);
        using var response = await PatchAsync(peer.Location, offer);
        var error = await Gateway.ErrorOf(response, HttpStatusCode.BadRequest);
        Assert.Contains("certificate", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FurtherOffer_WithAnotherCertificateBesideTheCalls_IsRefused()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        string stranger = string.Join(':', Enumerable.Repeat("AB", 32));
        using var response = await PatchAsync(peer.Location, peer.Offer().Replace("a=setup", $"a=fingerprint:sha-256 {stranger}\r\na=setup", StringComparison.Ordinal));
        var error = await Gateway.ErrorOf(response, HttpStatusCode.BadRequest);
        Assert.Contains("certificate", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FurtherOffer_ThatTurnsTheAudioRound_IsRefused()
    {
        using var peer = new RtcPeer();
        await peer.CallAsync(local.Client);
        using var response = await PatchAsync(peer.Location, peer.Offer().Replace("a=sendrecv", "a=recvonly", StringComparison.Ordinal));
        var error = await Gateway.ErrorOf(response, HttpStatusCode.BadRequest);
        Assert.Contains("direction", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FurtherOffer_ForNoCall_IsNotFound()
    {
        using var peer = new RtcPeer();
        using var response = await peer.PostAsync(local.Client, HttpMethod.Patch, "/v1/realtime/calls/rtc_nobody");
        Assert.Equal("call_not_found", (await Gateway.ErrorOf(response, HttpStatusCode.NotFound)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("a=ice-ufrag:", "a=x:", "ice-ufrag")]
    [InlineData("a=ice-pwd:", "a=x:", "ice-pwd")]
    [InlineData("a=fingerprint:", "a=x:", "fingerprint")]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:md5", "fingerprint")]
    [InlineData("a=setup:actpass", "a=setup:nonsense", "setup")]
    [InlineData("UDP/TLS/RTP/SAVPF", "RTP/AVP", "DTLS-SRTP")]
    [InlineData("UDP/TLS/RTP/SAVPF 0", "UDP/TLS/RTP/SAVPF 3", "codec")]
    [InlineData("a=sctp-port:5000", "a=sctp-port:99999999999", "sctp-port")]
    [InlineData("a=rtcp-mux", "a=x", "rtcp-mux")]
    public async Task OfferThatCannotBeAnswered_IsRefusedWithTheLine(string part, string instead, string says)
    {
        using var peer = new RtcPeer();
        using var response = await PostAsync(peer.Offer().Replace(part, instead, StringComparison.Ordinal));
        var error = await Gateway.ErrorOf(response, HttpStatusCode.BadRequest);
        Assert.Equal("invalid_offer", error.GetProperty("code").GetString());
        Assert.Contains(says, error.GetProperty("message").GetString(), StringComparison.OrdinalIgnoreCase);
    }

    private async Task<HttpResponseMessage> PostAsync(string offer) => await SendAsync(HttpMethod.Post, "/v1/realtime/calls", offer);

    private async Task<HttpResponseMessage> PatchAsync(string path, string offer) => await SendAsync(HttpMethod.Patch, path, offer);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string offer)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(offer) };
        request.Content.Headers.ContentType = new("application/sdp");
        return await local.Client.SendAsync(request);
    }

    private static string IdOf(RtcPeer peer) => peer.Location[(peer.Location.LastIndexOf('/') + 1)..];

    private static bool IdIs(JsonElement session, RtcPeer peer) => session.TryGetProperty("call_id", out var id) && id.GetString() == IdOf(peer);

    private static string UfragOf(string sdp) => sdp.Split("a=ice-ufrag:")[1].Split('\r')[0];
}
