using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>What our user agent answers to a peer that is scripted, strange or hostile.</summary>
public sealed class SipUserAgentTests
{
    private readonly ScriptedPeer _peer = new();

    [Theory]
    // Section 3.1.1, valid: what an agent without a registrar says to them.
    [InlineData("wsinv", 481)] // it has a tag of ours, and there is no such call
    [InlineData("intmeth", 501)]
    [InlineData("esc01", 0)] // rings
    [InlineData("escnull", 405)]
    [InlineData("esc02", 501)]
    [InlineData("lwsdisp", 200)]
    [InlineData("longreq", 0)]
    [InlineData("dblreq", 405)]
    [InlineData("semiuri", 200)]
    [InlineData("transports", 200)]
    [InlineData("mpart01", 405)]
    // Section 3.1.2, invalid.
    [InlineData("badinv01", -1)] // the only Via cannot be read
    [InlineData("clerr", 400)]
    [InlineData("ncl", 400)]
    [InlineData("scalar02", 400)]
    [InlineData("quotbal", 400)]
    [InlineData("ltgtruri", 400)]
    [InlineData("lwsruri", 400)]
    [InlineData("lwsstart", 400)]
    [InlineData("trws", 400)]
    [InlineData("escruri", 400)]
    [InlineData("baddate", 0)]
    [InlineData("regbadct", 400)]
    [InlineData("badaspec", 400)]
    [InlineData("baddn", 400)]
    [InlineData("badvers", 505)]
    [InlineData("mismatch01", 400)]
    [InlineData("mismatch02", 400)]
    // Sections 3.2 and 3.3.
    [InlineData("badbranch", 200)]
    [InlineData("insuf", 400)]
    [InlineData("unkscm", 416)]
    [InlineData("novelsc", 416)]
    [InlineData("unksm2", 405)]
    [InlineData("bext01", 420)]
    [InlineData("invut", 415)]
    [InlineData("regaut01", 405)]
    [InlineData("multi01", 400)]
    [InlineData("mcl01", 400)]
    [InlineData("zeromf", 200)]
    [InlineData("cparam01", 405)]
    [InlineData("cparam02", 405)]
    [InlineData("regescrt", 405)]
    [InlineData("sdp01", 406)]
    [InlineData("inv2543", 0)]
    // Responses that belong to nothing.
    [InlineData("unreason", -1)]
    [InlineData("noreason", -1)]
    [InlineData("scalarlg", -1)]
    [InlineData("bigcode", -1)]
    [InlineData("bcast", -1)]
    public void TortureMessages_GetTheAnswerOfTheRfc(string name, int status)
    {
        var (call, _) = _peer.Establish();
        var answers = _peer.SendRaw(TortureMessages.Get(name));

        if (status <= 0)
            Assert.Empty(answers);
        else
            Assert.StartsWith($"SIP/2.0 {status} ", Assert.Single(answers));
        Assert.Equal(status == 0, _peer.Events[^1].Kind == SipEventKind.Incoming);
        Assert.Equal(SipCallState.Established, call.State);
    }

    [Fact]
    public void UnknownExtension_IsNamed()
    {
        var answers = _peer.SendAll(TortureMessages.Get("bext01"));

        Assert.Equal("nothingSupportsThis, nothingSupportsThisEither", answers[0].GetText(SipHeaderName.Unsupported));
    }

    [Theory]
    [InlineData("BYE", 481)]
    [InlineData("INFO", 481)]
    [InlineData("UPDATE", 481)]
    [InlineData("NOTIFY", 481)]
    [InlineData("CANCEL", 481)]
    [InlineData("PRACK", 481)]
    [InlineData("REFER", 603)]
    [InlineData("OPTIONS", 200)]
    [InlineData("REGISTER", 405)]
    [InlineData("SUBSCRIBE", 405)]
    [InlineData("MESSAGE", 405)]
    [InlineData("FOO", 501)]
    public void RequestsOutsideOfACall_AreAnsweredWithoutState(string method, int status)
    {
        var answer = _peer.Send(ScriptedPeer.Request(method));

        Assert.Equal(status, answer.Status);
        Assert.NotEqual("", answer.ToTag);
        Assert.Contains("rport=5070", answer.GetText(SipHeaderName.Via));
        Assert.Contains("received=192.0.2.9", answer.GetText(SipHeaderName.Via));
        Assert.Equal(status is 405 or 501 or 200, answer.Has(SipHeaderName.Allow));
        Assert.Equal(0, _peer.Agent.TransactionCount);
        Assert.Equal(answer.ToTag, _peer.Send(ScriptedPeer.Request(method)).ToTag);
    }

    [Theory]
    [InlineData("BYE", 481)]
    [InlineData("INVITE", 481)]
    [InlineData("OPTIONS", 481)]
    public void UnknownDialog_IsUnknown(string method, int status)
    {
        Assert.Equal(status, _peer.Send(ScriptedPeer.Request(method, toTag: "nobody")).Status);
        var (_, tag) = _peer.Establish();
        Assert.Equal(status, _peer.Send(ScriptedPeer.Request(method, 2, tag).Replace("tag=p", "tag=other", StringComparison.Ordinal)).Status);
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("ACK", toTag: "nobody")));
    }

    [Theory]
    [InlineData("Content-Type: application/sdp\r\n", "v=1\r\n", 400)]
    [InlineData("Content-Type: text/plain\r\n", "hello", 415)]
    [InlineData("Content-Encoding: gzip\r\n", ScriptedPeer.Sdp, 415)]
    [InlineData("", "v=0\r\no=p 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4002 RTP/AVP 18\r\n", 488)]
    [InlineData("", "v=0\r\no=p 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=image 4002 udptl t38\r\n", 488)]
    [InlineData("Session-Expires: 60\r\nSupported: timer\r\n", ScriptedPeer.Sdp, 422)]
    [InlineData("Require: 100rel, foo\r\n", ScriptedPeer.Sdp, 420)]
    [InlineData("Accept: text/plain\r\n", ScriptedPeer.Sdp, 406)]
    [InlineData("Replaces: a;to-tag=b;from-tag=c\r\n", ScriptedPeer.Sdp, 481)]
    public void InviteThatCannotBeTaken_IsToldWhy(string headers, string body, int status)
    {
        var answer = _peer.Send(ScriptedPeer.Request("INVITE", headers: headers, body: body));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 415, answer.Has(SipHeaderName.Accept) && answer.GetText(SipHeaderName.AcceptEncoding) == "identity");
        Assert.Equal(status == 422, answer.GetText(SipHeaderName.MinSE) == "90");
        Assert.Empty(_peer.Events);
        Assert.Equal(0, _peer.Agent.TransactionCount);
        // The ACK of that is for nobody.
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("ACK", toTag: answer.ToTag)));
    }

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
    public void MoreHeadersThanAnybodyNeeds_AreAnswered()
    {
        string many = string.Concat(Enumerable.Range(0, 300).Select(i => $"X-{i}: y\r\n"));

        Assert.Equal(["SIP/2.0 400 Too Many Headers"], _peer.SendRaw(Encoding.ASCII.GetBytes(ScriptedPeer.Request("OPTIONS", headers: many))));
    }

    [Theory]
    [InlineData("INVITE", 400)]
    [InlineData("OPTIONS", 400)]
    [InlineData("ACK", 0)]
    public void RequestOnAStreamWithoutFraming_IsAnsweredAndNotDone(string method, int status)
    {
        string request = ScriptedPeer.Request(method).Replace("Content-Length: 0\r\n", "", StringComparison.Ordinal) + ScriptedPeer.Request("OPTIONS", 2);
        _peer.Agent.ReceiveBroken(Encoding.ASCII.GetBytes(request), _peer.Path);

        var answers = _peer.Take();
        Assert.Equal(status == 0 ? [] : [status], answers.Select(answer => answer.Status));
        Assert.Empty(_peer.Events);
    }

    [Fact]
    public void SdpAmongOtherParts_IsFound()
    {
        string body = $"--b1\r\nContent-Type: application/isup;version=x\r\n\r\n\u0001\u0002\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n{ScriptedPeer.Sdp}\r\n--b1--\r\n";
        var (call, _) = _peer.Establish("Content-Type: multipart/mixed;boundary=\"b1\"\r\n", body);

        Assert.Equal(4002, call.Agreement!.Port);
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
    public void LateOffer_IsMadeByUsAndAnsweredInTheAck()
    {
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("INVITE")));
        var call = _peer.Events[0].Call!;
        Assert.Null(call.Offer);
        call.Accept(ScriptedPeer.Audio(), _peer.Now);
        var ok = Assert.Single(_peer.Take());
        Assert.Contains("m=audio 6000 RTP/AVP 0 101", Encoding.UTF8.GetString(ok.Body.Span));

        _peer.SendAll(ScriptedPeer.Request("ACK", 1, ok.ToTag, "z9hG4bKack", body: ScriptedPeer.Sdp));

        Assert.Equal(SipCallState.Established, call.State);
        Assert.Equal(4002, call.Agreement!.Port);
        Assert.Equal([SipEventKind.Incoming, SipEventKind.Media, SipEventKind.Established], _peer.Events.Select(e => e.Kind));

        // The same in a re-INVITE.
        var again = _peer.Send(ScriptedPeer.Request("INVITE", 2, ok.ToTag));
        Assert.Contains("m=audio 6000", Encoding.UTF8.GetString(again.Body.Span));
        _peer.SendAll(ScriptedPeer.Request("ACK", 2, ok.ToTag, "z9hG4bKack2", body: ScriptedPeer.Sdp.Replace("4002", "4004", StringComparison.Ordinal)));
        Assert.Equal(4004, call.Agreement.Port);
    }

    [Fact]
    public void LateOfferWithoutAnswer_EndsTheCall()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE"));
        _peer.Events[0].Call!.Accept(ScriptedPeer.Audio(), _peer.Now);
        var ok = Assert.Single(_peer.Take());

        var bye = _peer.Send(ScriptedPeer.Request("ACK", 1, ok.ToTag, "z9hG4bKack"));

        Assert.Equal(SipMethod.Bye, bye.Method);
        Assert.Equal(488, _peer.Events[^1].Status);
    }

    [Fact]
    public void RefusedReinvite_LeavesTheCallAsItWas()
    {
        var (call, tag) = _peer.Establish();
        var before = call.Agreement;

        Assert.Equal(488, _peer.Send(ScriptedPeer.Request("INVITE", 2, tag, body: ScriptedPeer.Sdp.Replace("0 8 101", "18", StringComparison.Ordinal))).Status);
        Assert.Equal(400, _peer.Send(ScriptedPeer.Request("INVITE", 3, tag, headers: "Content-Type: application/sdp\r\n", body: "nonsense")).Status);
        Assert.Equal(488, _peer.Send(ScriptedPeer.Request("UPDATE", 4, tag, body: ScriptedPeer.Sdp.Replace("RTP/AVP", "RTP/SAVP", StringComparison.Ordinal))).Status);

        Assert.Equal(SipCallState.Established, call.State);
        Assert.Same(before, call.Agreement);
    }

    [Theory]
    [InlineData("a=sendonly", MediaDirection.ReceiveOnly)]
    [InlineData("a=inactive", MediaDirection.Inactive)]
    [InlineData("a=recvonly", MediaDirection.SendOnly)]
    public void PeersHold_IsAnsweredByReinviteAndUpdate(string line, MediaDirection direction)
    {
        var (call, tag) = _peer.Establish();

        var ok = _peer.Send(ScriptedPeer.Request("INVITE", 2, tag, body: ScriptedPeer.Sdp + line + "\r\n"));
        Assert.Equal((200, direction), (ok.Status, call.Agreement!.Direction));
        Assert.Contains($"a={direction.Name()}", Encoding.UTF8.GetString(ok.Body.Span));
        _peer.SendAll(ScriptedPeer.Request("ACK", 2, tag, "z9hG4bKa2"));

        ok = _peer.Send(ScriptedPeer.Request("UPDATE", 3, tag, body: ScriptedPeer.Sdp));
        Assert.Equal((200, MediaDirection.SendReceive), (ok.Status, call.Agreement.Direction));
        Assert.True(ok.Body.Length > 0);
    }

    [Fact]
    public void RouteSetAndTarget_LeadTheBye()
    {
        var (call, tag) = _peer.Establish("Record-Route: <sip:192.0.2.50;lr>, <sip:192.0.2.51;lr>\r\n");
        _peer.Send(ScriptedPeer.Request("UPDATE", 2, tag).Replace("<sip:peer@192.0.2.9:5070>", "<sip:moved@192.0.2.77:5099>", StringComparison.Ordinal));

        call.HangUp(_peer.Now);
        Assert.True(_peer.Agent.TryTakeTransmit(out var transmit));
        Assert.True(SipMessage.TryRead(transmit.Bytes, out var bye, out _));

        Assert.Equal("sip:moved@192.0.2.77:5099", Encoding.ASCII.GetString(bye.Target));
        Assert.Equal(["<sip:192.0.2.50;lr>", "<sip:192.0.2.51;lr>"], Enumerable.Range(0, bye.HeaderCount).Select(bye.HeaderAt).Where(header => header.Name == "Route").Select(header => header.Value));
        Assert.Equal(("192.0.2.50", 5060), (transmit.Target.Host, transmit.Target.Port));
    }

    [Fact]
    public void StrictRoute_TakesThePlaceOfTheTarget()
    {
        var (call, _) = _peer.Establish("Record-Route: <sip:192.0.2.50>\r\n");
        call.HangUp(_peer.Now);
        var bye = Assert.Single(_peer.Take());

        Assert.Equal("sip:192.0.2.50", Encoding.ASCII.GetString(bye.Target));
        Assert.Equal("<sip:peer@192.0.2.9:5070>", bye.GetText(SipHeaderName.Route));
    }

    [Theory]
    [InlineData("Record-Route: <sip:192.0.2.50;lr>\r\n", "sip:peer@192.0.2.9:5070;x=y")]
    [InlineData("Record-Route: <sip:192.0.2.50?Subject=x>\r\n", "sip:192.0.2.50")]
    public void HeadersInAnAddress_AreLeftOutOfARequestToIt(string headers, string target)
    {
        string invite = ScriptedPeer.Request("INVITE", headers: headers, body: ScriptedPeer.Sdp).Replace("<sip:peer@192.0.2.9:5070>", "<sip:peer@192.0.2.9:5070;x=y?Subject=z>", StringComparison.Ordinal);
        _peer.SendAll(invite);
        var call = _peer.Events[0].Call!;
        call.Accept(ScriptedPeer.Audio(), _peer.Now);
        _peer.SendAll(ScriptedPeer.Request("ACK", 1, Assert.Single(_peer.Take()).ToTag, "z9hG4bKack"));
        call.HangUp(_peer.Now);

        Assert.Equal(target, Encoding.ASCII.GetString(Assert.Single(_peer.Take()).Target));
    }

    [Fact]
    public void PeerBehindAnAddressTranslator_IsAnsweredWhereItIs()
    {
        string invite = ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp).Replace("UDP 192.0.2.9:5070", "UDP 10.0.0.5:5060", StringComparison.Ordinal).Replace("peer@192.0.2.9:5070", "peer@10.0.0.5", StringComparison.Ordinal);
        _peer.SendAll(invite);
        var call = _peer.Events[0].Call!;
        call.Accept(ScriptedPeer.Audio(), _peer.Now);
        var ok = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Request("ACK", 1, ok.ToTag, "z9hG4bKack"));
        call.HangUp(_peer.Now);

        Assert.True(_peer.Agent.TryTakeTransmit(out var bye));
        Assert.Equal(("192.0.2.9", 5070), (bye.Target.Host, bye.Target.Port));
    }

    [Fact]
    public void IdentityHeaders_AreBelievedFromTrustedPeersOnly()
    {
        const string Headers = "P-Asserted-Identity: <sip:+49301@trunk>\r\nPrivacy: id\r\nDiversion: <sip:x@y>;reason=busy\r\nX-Id: 7\r\n";
        var (trusted, _) = _peer.Establish(Headers);
        Assert.Equal(["<sip:+49301@trunk>"], trusted.Caller.AssertedIdentities);
        Assert.Equal(["Privacy", "Diversion", "X-Id"], trusted.Caller.Headers.Select(header => header.Name));

        var (stranger, _) = new ScriptedPeer(isTrusted: false).Establish(Headers);
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

    [Fact]
    public void EveryTruncatedLengthOfACall_IsSurvived()
    {
        byte[] invite = Encoding.ASCII.GetBytes(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp, callId: "cut"));
        for (int length = 0; length < invite.Length; length++)
        {
            Assert.All(_peer.SendRaw(invite[..length]), answer => Assert.StartsWith("SIP/2.0 400 ", answer));
        }

        Assert.Empty(_peer.Events);
        Assert.Equal(0, _peer.Agent.TransactionCount);
    }
}
