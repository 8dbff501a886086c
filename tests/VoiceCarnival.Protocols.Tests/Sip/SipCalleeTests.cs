using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Calls of ours to a peer that is scripted: several that answer, reliable ringing, refusals that are no last word.</summary>
public sealed class SipCalleeTests
{
    private readonly ScriptedPeer _peer = new();

    [Fact]
    public void Forks_FirstAnswerWinsAndOthersAreEnded()
    {
        var call = Dial();
        var invite = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(invite, 180, "one"));
        _peer.SendAll(ScriptedPeer.Response(invite, 183, "two", body: ScriptedPeer.Sdp));

        var first = _peer.SendAll(ScriptedPeer.Response(invite, 200, "one", "Contact: <sip:one@192.0.2.9>\r\n", ScriptedPeer.Sdp.Replace("4002", "4010", StringComparison.Ordinal)));
        var second = _peer.SendAll(ScriptedPeer.Response(invite, 200, "two", "Contact: <sip:two@192.0.2.9>\r\n", ScriptedPeer.Sdp));
        var copy = _peer.SendAll(ScriptedPeer.Response(invite, 200, "one", "Contact: <sip:one@192.0.2.9>\r\n", ScriptedPeer.Sdp));

        Assert.Equal(SipMethod.Ack, Assert.Single(first).Method);
        Assert.Equal([(SipMethod.Ack, "two"), (SipMethod.Bye, "two")], second.Select(message => (message.Method, message.ToTag)));
        Assert.Equal("sip:two@192.0.2.9", Encoding.ASCII.GetString(second[1].Target));
        Assert.Equal((SipMethod.Ack, "one"), (Assert.Single(copy).Method, copy[0].ToTag));
        Assert.Equal((SipCallState.Established, 4010), (call.State, call.Agreement!.Port));
    }

    [Fact]
    public void ReliableRinging_IsAcknowledgedOnceAndInOrder()
    {
        Dial();
        var invite = Assert.Single(_peer.Take());
        string Reliable(int number) => ScriptedPeer.Response(invite, 183, "t", $"Require: 100rel\r\nRSeq: {number}\r\nContact: <sip:p@192.0.2.9>\r\n");

        var prack = _peer.Send(Reliable(7));
        Assert.Equal((SipMethod.Prack, $"7 {invite.CSeq.Number} INVITE"), (prack.Method, prack.GetText(SipHeaderName.RAck)));
        Assert.Empty(_peer.SendAll(Reliable(7)));
        Assert.Empty(_peer.SendAll(Reliable(9)));
        Assert.Equal(SipMethod.Prack, _peer.Send(Reliable(8)).Method);
    }

    [Theory]
    [InlineData(481)]
    [InlineData(408)]
    public void BranchThatDoesNotKnowItsReliableRinging_LeavesTheCallToOthers(int status)
    {
        var call = Dial();
        var invite = Assert.Single(_peer.Take());
        var prack = _peer.Send(ScriptedPeer.Response(invite, 183, "one", "Require: 100rel\r\nRSeq: 7\r\nContact: <sip:one@192.0.2.9>\r\n"));

        Assert.Empty(_peer.SendAll(ScriptedPeer.Response(prack, status, "one")));
        _peer.SendAll(ScriptedPeer.Response(invite, 180, "two"));
        var ack = _peer.Send(ScriptedPeer.Response(invite, 200, "two", "Contact: <sip:two@192.0.2.9>\r\n", ScriptedPeer.Sdp));

        Assert.Equal((SipMethod.Ack, SipCallState.Established), (ack.Method, call.State));
    }

    [Fact]
    public void ChallengedPrack_IsRepeatedToItsBranch()
    {
        Dial(new("u", "p"));
        var invite = Assert.Single(_peer.Take());
        var prack = _peer.Send(ScriptedPeer.Response(
            invite, 183, "one", "Require: 100rel\r\nRSeq: 7\r\nContact: <sip:one@192.0.2.9>\r\nRecord-Route: <sip:192.0.2.9;lr>\r\n"));

        var again = _peer.Send(ScriptedPeer.Response(prack, 407, "one", "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n"));

        Assert.True(again.Has(SipHeaderName.ProxyAuthorization));
        Assert.Equal((SipMethod.Prack, "one", "sip:one@192.0.2.9"), (again.Method, again.ToTag, Encoding.ASCII.GetString(again.Target)));
        Assert.Equal(("<sip:192.0.2.9;lr>", prack.GetText(SipHeaderName.RAck)), (again.GetText(SipHeaderName.Route), again.GetText(SipHeaderName.RAck)));
        Assert.Equal(prack.CSeq.Number + 1, again.CSeq.Number);
    }

    [Fact]
    public void TooShortInterval_IsRaisedAndTriedAgain()
    {
        var call = Dial();
        var invite = Assert.Single(_peer.Take());

        var answers = _peer.SendAll(ScriptedPeer.Response(invite, 422, "t", "Min-SE: 3600\r\n"));

        Assert.Equal([SipMethod.Ack, SipMethod.Invite], answers.Select(message => message.Method));
        Assert.Equal(("3600", "3600"), (answers[1].GetText(SipHeaderName.SessionExpires), answers[1].GetText(SipHeaderName.MinSE)));
        Assert.Equal(invite.CSeq.Number + 1, answers[1].CSeq.Number);
        Assert.Equal(SipCallState.Ringing, call.State);
    }

    [Fact]
    public void AnswerWithoutUsableMedia_IsAcknowledgedAndEnded()
    {
        Dial();
        var invite = Assert.Single(_peer.Take());

        var answers = _peer.SendAll(ScriptedPeer.Response(invite, 200, "t", body: ScriptedPeer.Sdp.Replace("m=audio 4002", "m=audio 0", StringComparison.Ordinal)));

        Assert.Equal([SipMethod.Ack, SipMethod.Bye], answers.Select(message => message.Method));
        Assert.Equal((SipEventKind.Ended, 488), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
    }

    private SipCall Dial(SipCredentials? credentials = null) => _peer.Agent.Call(
        new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio(), Credentials = credentials }, _peer.Now)!;
}
