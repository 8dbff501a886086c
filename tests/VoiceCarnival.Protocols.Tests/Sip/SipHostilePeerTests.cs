using System.Globalization;
using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Peers that mean us harm within what a reader takes: what they said must never keep us from saying what is ours to say.</summary>
public sealed class SipHostilePeerTests
{
    private readonly ScriptedPeer _peer = new();

    [Theory]
    [InlineData("\"a\u0001b\"")]
    [InlineData("\"a\r\n b\"")]
    [InlineData("\"a;lr\"")]
    [InlineData("a:b")]
    public void TagThatIsNoToken_IsRefused(string tag)
    {
        var answer = _peer.SendRaw(Encoding.Latin1.GetBytes(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp).Replace("tag=p", "tag=" + tag, StringComparison.Ordinal)));

        Assert.StartsWith("SIP/2.0 400", Assert.Single(answer));
        Assert.Empty(_peer.Agent.Calls);
    }

    [Theory]
    [InlineData("Record-Route: \"\u0001\" <sip:192.0.2.9;lr>\r\n")]
    [InlineData("Record-Route: <sip:192.0.2.9;lr>;x=\"\u0001\"\r\n")]
    [InlineData("Record-Route: \"a\r\n b\" <sip:192.0.2.9;lr>;y=\"\u0085\"\r\n")]
    public void RouteWithControlCharacters_IsFollowedWithoutThem(string header)
    {
        var (call, _) = _peer.Establish(header);

        call.HangUp(_peer.Now);

        var bye = Assert.Single(_peer.Take());
        Assert.Equal(SipMethod.Bye, bye.Method);
        Assert.StartsWith("<sip:192.0.2.9;lr>", bye.GetText(SipHeaderName.Route));
    }

    [Fact]
    public void RouteWithParameters_IsRepeatedWithThem()
    {
        var (call, _) = _peer.Establish("Record-Route: Proxy <sip:192.0.2.9;lr;ftag=x>;vsf=AAA\r\n");

        call.HangUp(_peer.Now);

        Assert.Equal("<sip:192.0.2.9;lr;ftag=x>;vsf=AAA", Assert.Single(_peer.Take()).GetText(SipHeaderName.Route));
    }

    [Fact]
    public void NamesThatGrowWhenTheyAreWritten_DoNotKeepTheCallUp()
    {
        // Bytes that are no UTF-8 become three each.
        string name = new('\u0080', 8000);
        var bytes = Encoding.Latin1.GetBytes(ScriptedPeer.Request("INVITE", headers: $"Record-Route: \"{name}\" <sip:192.0.2.9;lr>\r\n", body: ScriptedPeer.Sdp)
            .Replace("From: <sip:peer", $"From: \"{name}\" <sip:peer", StringComparison.Ordinal));
        Assert.Empty(_peer.SendAll(bytes));
        var call = _peer.Events[0].Call!;
        Assert.True(call.Accept(ScriptedPeer.Audio(), _peer.Now));
        string tag = Assert.Single(_peer.Take()).ToTag;
        _peer.SendAll(ScriptedPeer.Request("ACK", 1, tag, "z9hG4bKack"));

        call.HangUp(_peer.Now);

        Assert.Equal(SipMethod.Bye, Assert.Single(_peer.Take()).Method);
    }

    [Fact]
    public void MoreRoutesThanAMessageHolds_AreRefused()
    {
        var routes = new StringBuilder();
        for (int i = 0; i < 90; i++)
            routes.Append(CultureInfo.InvariantCulture, $"Record-Route: <sip:{i}.{new string('a', 240)}.example;lr>\r\n");

        Assert.Equal(400, _peer.Send(ScriptedPeer.Request("INVITE", headers: routes.ToString(), body: ScriptedPeer.Sdp)).Status);
    }

    [Theory]
    [InlineData("Supported: timer\r\nMin-SE: 4294967295\r\n")]
    [InlineData("Supported: timer\r\nMin-SE: 4294967295\r\nSession-Expires: 4294967295;refresher=uas\r\n")]
    [InlineData("Supported: timer\r\nMin-SE: 4294967295\r\nSession-Expires: 4294967295;refresher=uac\r\n")]
    public void SessionOfACentury_IsBoundedToADay(string headers)
    {
        _peer.Establish(headers);
        _peer.Run(40);

        Assert.True(_peer.Agent.NextDeadline - _peer.Now < TimeSpan.FromDays(1.01));
    }

    [Fact]
    public void ChallengeThatIsTooLongToAnswer_EndsTheCall()
    {
        var call = _peer.Agent.Call(
            new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio(), Credentials = new("u", "p") }, _peer.Now)!;
        var invite = Assert.Single(_peer.Take());

        _peer.SendAll(ScriptedPeer.Response(invite, 401, "t", $"WWW-Authenticate: Digest realm=\"{new string('r', 4000)}\", nonce=\"{new string('n', 4000)}\"\r\n"));

        Assert.Equal(SipCallState.Ended, call.State);
        Assert.Equal((SipEventKind.Ended, 401), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
    }

    [Fact]
    public void CallThatCannotBeWritten_LeavesNothingBehind()
    {
        var headers = Enumerable.Range(0, 16).Select(i => new SipHeader($"X-{i}", new string('\u4e00', 1024))).ToList();

        Assert.Throws<ArgumentException>(() => _peer.Agent.Call(
            new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio(), Headers = headers }, _peer.Now));

        Assert.Empty(_peer.Agent.Calls);
        Assert.Empty(_peer.Take());
    }

    [Fact]
    public void ResponseWithASecondVia_IsNotOurs()
    {
        var call = _peer.Agent.Call(new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio() }, _peer.Now)!;
        var invite = Assert.Single(_peer.Take());

        Assert.Empty(_peer.SendAll(ScriptedPeer.Response(invite, 486, "t", "Via: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKother\r\n")));

        Assert.Equal(SipCallState.Ringing, call.State);
    }

    [Fact]
    public void AudioAtTheLastPort_HasNoPortForReports()
    {
        var (call, _) = _peer.Establish(body: ScriptedPeer.Sdp.Replace("4002", "65535", StringComparison.Ordinal));

        Assert.Equal((65_535, 0), (call.Agreement!.Port, call.Agreement.RtcpPort));
    }

    [Fact]
    public void OfferThatTakesAllNumbers_LeavesNoneThatIsNone()
    {
        var body = new StringBuilder("v=0\r\no=p 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4002 RTP/AVP 0");
        for (int i = 96; i < 128; i++)
            body.Append(CultureInfo.InvariantCulture, $" {i}");
        body.Append("\r\n");
        for (int i = 96; i < 128; i++)
            body.Append(CultureInfo.InvariantCulture, $"a=rtpmap:{i} telephone-event/8000\r\n");
        var audio = new AudioNegotiation(new AudioOptions { SessionId = 3, Local = IPEndPoint.Parse("192.0.2.2:6000"), Codecs = [RtpCodec.Pcmu, RtpCodec.Opus] });
        Assert.True(SessionDescription.TryRead(body.ToString(), out var offer, out _));
        Assert.True(audio.TryAnswer(offer, out _, out _));

        var formats = audio.CreateOffer().Media[0].Formats;

        Assert.Contains("0", formats);
        Assert.All(formats, format => Assert.InRange(int.Parse(format, CultureInfo.InvariantCulture), 0, 127));
    }

    [Theory]
    [InlineData(SipTransport.Udp, 488)]
    [InlineData(SipTransport.Tcp, 488)]
    [InlineData(SipTransport.Tls, 0)]
    public void KeysThatAnybodyCouldRead_AreRefused_WhereThatIsThePolicy(SipTransport transport, int status)
    {
        var agent = new SipUserAgent(new SipUserAgentOptions { Srtp = SrtpUse.OverTls }, new byte[SipUserAgent.EntropyLength]);
        string sdp = ScriptedPeer.Sdp.Replace("RTP/AVP", "RTP/SAVP", StringComparison.Ordinal) + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n";

        agent.Receive(Encoding.ASCII.GetBytes(ScriptedPeer.Request("INVITE", body: sdp)), _peer.Path with { Transport = transport }, TimeSpan.Zero);

        Assert.Equal(status, agent.TakeMessages().Select(sent => sent.Message.Status).SingleOrDefault());
        Assert.Equal(status == 0 ? 1 : 0, agent.Calls.Count);
    }

    [Fact]
    public void NameOfAPage_IsCut()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp).Replace("From: <sip:peer", $"From: \"{new string('n', 6000)}\" <sip:peer", StringComparison.Ordinal));

        Assert.InRange(_peer.Events[0].Call!.Caller.Name!.Length, 1, 256);
    }
}
