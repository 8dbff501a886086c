using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Calls that are handed over (RFC 3515), or that take the place of others (RFC 3891), between two of our user agents.</summary>
public sealed class SipCallTransferTests
{
    private readonly Phone _alice = new("192.0.2.1:5061");
    private readonly Phone _agent = new("192.0.2.2:5062");

    private PhoneRig Rig() => new(_alice, _agent);

    [Fact]
    public void BlindTransfer_EndsTheCallWhenTheOtherAnswered()
    {
        var agent = new Phone("192.0.2.2:5062", new SipUserAgentOptions { TakesTransfers = true });
        var rig = new PhoneRig(_alice, agent);
        agent.Answer();
        var call = _alice.Dial(agent, rig.Now);
        rig.Run(1);
        var theirs = agent.Events[0].Call!;

        Assert.True(call.Transfer("sip:bob@192.0.2.3", null, rig.Now));
        rig.Run(1);
        Assert.Equal("sip:bob@192.0.2.3", agent.Events[^1].Text);
        theirs.ReportTransfer(180, rig.Now);
        rig.Run(1);
        Assert.Equal(SipCallState.Established, call.State);
        theirs.ReportTransfer(200, rig.Now);
        rig.Run(1);

        Assert.Equal(["TransferProgress 100", "TransferProgress 180", "TransferProgress 200", "Ended 200"], _alice.Story.TakeLast(4));
    }

    [Fact]
    public void FailedTransfer_LeavesTheCall()
    {
        var rig = Rig();
        _agent.Answer();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(1);

        Assert.True(call.Transfer("tel:+4930", null, rig.Now));
        rig.Run(1);

        Assert.Equal("TransferProgress 603", _alice.Story.Last());
        Assert.Equal(SipCallState.Established, call.State);
    }

    [Theory]
    [InlineData(481)]
    [InlineData(408)]
    [InlineData(0)]
    public void PeerThatWantsNoNoticesOfTheTransfer_KeepsTheCall(int status)
    {
        var peer = new ScriptedPeer(new SipUserAgentOptions { TakesTransfers = true });
        var (call, tag) = peer.Establish();
        var sent = peer.SendAll(ScriptedPeer.Request("REFER", 2, tag, headers: "Refer-To: <sip:bob@192.0.2.3>\r\n"));
        Assert.Equal(202, sent[0].Status);

        if (status > 0)
            peer.SendAll(ScriptedPeer.Response(sent[1], status, "p"));
        else
            peer.Run(40); // it says nothing at all

        Assert.Equal((SipMethod.Notify, SipCallState.Established), (sent[1].Method, call.State));
        Assert.Equal("<sip:agent@192.0.2.2:5060>", sent[1].GetText(SipHeaderName.Contact));
    }

    [Fact]
    public void StrangerWhoLoggedIn_MakesUsCallNobody()
    {
        var agent = new Phone("192.0.2.2:5062", new SipUserAgentOptions { TakesTransfers = true, Digest = new DigestServer("voice", _ => "secret", new byte[32]) }) { IsTrusted = false };
        var rig = new PhoneRig(_alice, agent);
        agent.Answer();
        var call = _alice.Dial(agent, rig.Now, new Phone.Digest("alice", "secret"));
        rig.Run(1);

        Assert.True(call.Transfer("sip:bob@192.0.2.3", null, rig.Now));
        rig.Run(1);

        Assert.Equal("TransferProgress 603", _alice.Story.Last());
        Assert.DoesNotContain(SipEventKind.TransferRequested, agent.Events.Select(e => e.Kind));
        Assert.Equal(SipCallState.Established, call.State);
    }

    [Fact]
    public void CallThatReplacesAnother_TakesItsPlace()
    {
        var rig = Rig();
        _agent.Answer();
        var first = _alice.Dial(_agent, rig.Now);
        rig.Run(1);
        var theirs = _agent.Events[0].Call!;

        string replaces = $"{first.CallId};to-tag={TagOf(rig, "200")};from-tag={TagOf(rig, "INVITE")}";
        var second = _alice.Dial(_agent, rig.Now, headers: [new SipHeader("Replaces", replaces)]);
        rig.Run(1);

        Assert.Equal(SipCallState.Established, second.State);
        Assert.Same(theirs, _agent.Events.Last(e => e.Kind == SipEventKind.Incoming).Call!.Replaces);
        Assert.Equal((SipCallState.Ended, SipCallState.Ended), (first.State, theirs.State));

        var third = _alice.Dial(_agent, rig.Now, headers: [new SipHeader("Replaces", "nobody;to-tag=a;from-tag=b")]);
        rig.Run(1);
        Assert.Equal("Ended 481", _alice.Story.Last());
        Assert.Equal(SipCallState.Ended, third.State);
    }

    private static string TagOf(PhoneRig rig, string what)
    {
        var message = rig.Messages.First(message => what == "200" ? message.Status == 200 : message.Method == SipMethod.Invite);
        return what == "200" ? message.ToTag : message.FromTag;
    }
}
