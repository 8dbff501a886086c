using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>What a peer sends within a call: order, copies, keys, timers, acknowledged ringing, and who it says that it is.</summary>
public sealed class SipDialogTests
{
    private readonly ScriptedPeer _peer = new();

    [Theory]
    [InlineData("Content-Type: application/dtmf-relay\r\n", "Signal=1\r\n", 200)]
    [InlineData("", "", 200)] // asks whether we are there
    [InlineData("Content-Type: application/media_control+xml\r\n", "<x/>", 415)]
    [InlineData("Content-Type: application/dtmf-relay\r\nInfo-Package: foo\r\n", "Signal=1\r\n", 469)]
    public void Info_IsTakenForKeysOnly(string headers, string body, int status)
    {
        var (_, tag) = _peer.Establish();
        int before = _peer.Events.Count;

        var answer = _peer.Send(ScriptedPeer.Request("INFO", 2, tag, headers: headers, body: body));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 415, answer.GetText(SipHeaderName.Accept) == "application/dtmf-relay, application/dtmf");
        Assert.Equal(status == 469, answer.Has(SipHeaderName.RecvInfo));
        Assert.Equal(status == 200 ? before + 1 : before, _peer.Events.Count);
    }

    [Fact]
    public void CopiesOfAnInvite_StartOneCallWithOneTag()
    {
        string invite = ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp);
        Assert.Empty(_peer.SendAll(invite));
        Assert.Equal(100, _peer.Send(invite).Status);
        var call = Assert.Single(_peer.Events).Call!;
        call.Ring(_peer.Now);
        var ringing = Assert.Single(_peer.Take());
        Assert.Equal(ringing.ToTag, _peer.Send(invite).ToTag);
        Assert.Single(_peer.Events);

        Assert.Equal(482, _peer.Send(ScriptedPeer.Request("INVITE", branch: "z9hG4bKother", body: ScriptedPeer.Sdp)).Status);
    }

    [Fact]
    public void RequestsOutOfOrder_AreRefused()
    {
        var (_, tag) = _peer.Establish();
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("OPTIONS", 5, tag)).Status);
        Assert.Equal(500, _peer.Send(ScriptedPeer.Request("OPTIONS", 4, tag)).Status);
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("BYE", 6, tag)).Status);
        Assert.Equal(481, _peer.Send(ScriptedPeer.Request("OPTIONS", 7, tag)).Status);
    }

    [Fact]
    public void SecondInviteBeforeTheFirstIsAnswered_WaitsAWhile()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp));
        var call = _peer.Events[0].Call!;
        call.Ring(_peer.Now);
        string tag = Assert.Single(_peer.Take()).ToTag;

        var answer = _peer.Send(ScriptedPeer.Request("INVITE", 2, tag, body: ScriptedPeer.Sdp));

        Assert.Equal(500, answer.Status);
        Assert.NotNull(answer.GetNumber(SipHeaderName.RetryAfter));
    }

    [Fact]
    public void IdentityHeaders_AreBelievedFromTrustedPeersOnly()
    {
        const string Headers = "P-Asserted-Identity: <sip:+49301@trunk>\r\nPrivacy: id\r\nDiversion: <sip:x@y>;reason=busy\r\nX-Id: 7\r\n";
        var (trusted, _) = _peer.Establish(Headers);
        Assert.Equal(["<sip:+49301@trunk>"], trusted.Caller.AssertedIdentities);
        Assert.Equal(["Privacy", "Diversion", "X-Id"], trusted.Caller.Headers.Select(header => header.Name));

        var strange = new ScriptedPeer(new SipUserAgentOptions { Digest = new DigestServer("voice", _ => "secret", new byte[32]) }, isTrusted: false);
        var login = new DigestClient(new SipCredentials("peer", "secret"));
        Assert.True(login.TryTake(strange.Send(ScriptedPeer.Request("INVITE"))));
        string proof = Assert.Single(login.Authorize("INVITE", "sip:agent@192.0.2.2", "c")).Value;
        var (stranger, _) = strange.Establish($"{Headers}Authorization: {proof}\r\n");
        Assert.Empty(stranger.Caller.AssertedIdentities);
        Assert.Equal(["X-Id"], stranger.Caller.Headers.Select(header => header.Name));
    }

    [Theory]
    [InlineData("uac", false)]
    [InlineData("uas", true)]
    public void SessionTimer_IsKeptByWhoeverItFallsTo(string refresher, bool isOurs)
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", headers: $"Supported: timer\r\nSession-Expires: 300;refresher={refresher}\r\nAllow: INVITE, ACK, BYE, UPDATE\r\n", body: ScriptedPeer.Sdp));
        _peer.Events[0].Call!.Accept(ScriptedPeer.Audio(), _peer.Now);
        var ok = Assert.Single(_peer.Take());
        Assert.Equal($"300;refresher={refresher}", ok.GetText(SipHeaderName.SessionExpires));
        Assert.True(ok.Lists(SipHeaderName.Require, "timer"u8));
        _peer.SendAll(ScriptedPeer.Request("ACK", 1, ok.ToTag, "z9hG4bKack"));

        Assert.Empty(_peer.Run(149));
        if (isOurs)
        {
            var update = _peer.Run(1.2)[0];
            Assert.Equal((SipMethod.Update, "300;refresher=uac"), (update.Method, update.GetText(SipHeaderName.SessionExpires)));
            _peer.SendAll(ScriptedPeer.Response(update, 200, "p", "Session-Expires: 300;refresher=uac\r\n"));
            Assert.Empty(_peer.Run(148));
        }
        else
        {
            Assert.Empty(_peer.Run(118));
            Assert.Equal(SipMethod.Bye, _peer.Run(1.2)[0].Method);
        }
    }

    [Fact]
    public void RequiredReliability_IsKeptEvenForRinging()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", headers: "Require: 100rel\r\n", body: ScriptedPeer.Sdp));
        var call = _peer.Events[0].Call!;
        call.Ring(_peer.Now);
        var ringing = Assert.Single(_peer.Take());
        Assert.True(ringing.Lists(SipHeaderName.Require, "100rel"u8));
        uint number = ringing.GetNumber(SipHeaderName.RSeq)!.Value;
        call.Accept(ScriptedPeer.Audio(), _peer.Now);
        Assert.Empty(_peer.Take());
        Assert.Equal(180, Assert.Single(_peer.Run(0.6)).Status);

        Assert.Equal(481, _peer.Send(ScriptedPeer.Request("PRACK", 2, ringing.ToTag, headers: $"RAck: {number + 1} 1 INVITE\r\n")).Status);
        var answers = _peer.SendAll(ScriptedPeer.Request("PRACK", 3, ringing.ToTag, headers: $"RAck: {number} 1 INVITE\r\n"));

        Assert.Equal(["3 PRACK", "1 INVITE"], answers.Select(answer => answer.GetText(SipHeaderName.CSeq)));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.True(answers[1].Body.Length > 0);
    }
}
