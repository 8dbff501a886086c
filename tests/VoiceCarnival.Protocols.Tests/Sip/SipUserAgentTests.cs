using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>What our user agent answers to a peer that is scripted, strange or hostile, before there is a call.</summary>
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

    [Fact]
    public void Stranger_IsForbidden_WhereNobodyCanLogIn()
    {
        var stranger = new ScriptedPeer(isTrusted: false);

        Assert.Equal(403, stranger.Send(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp)).Status);
        Assert.Equal(200, stranger.Send(ScriptedPeer.Request("OPTIONS")).Status);
        Assert.Empty(stranger.Events);
        Assert.Equal(0, stranger.Agent.TransactionCount);
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
