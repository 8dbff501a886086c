using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Two of our user agents and a line between them.</summary>
public sealed class SipCallTests
{
    private readonly Phone _alice = new("192.0.2.1:5061");
    private readonly Phone _agent = new("192.0.2.2:5062");

    private PhoneRig Rig() => new(_alice, _agent);

    [Fact]
    public void Call_IsRungAnsweredAndHungUp()
    {
        var rig = Rig();
        _agent.Ring();
        var call = _alice.Dial(_agent, rig.Now, headers: [new SipHeader("X-Order", "42"), new SipHeader("User-to-User", "00c0ffee;encoding=hex")]);
        rig.Run(1);
        var theirs = _agent.Events[0].Call!;
        Assert.Equal(("alice", "Alice", "agent"), (theirs.Caller.User, theirs.Caller.Name, theirs.Caller.Called));
        Assert.Equal(["X-Order", "User-to-User"], theirs.Caller.Headers.Select(header => header.Name));
        Assert.True(theirs.Accept(_agent.Audio(), rig.Now));
        rig.Run(1);

        Assert.Equal((SipCallState.Established, SipCallState.Established), (call.State, theirs.State));
        Assert.Equal(("PCMU/8000", 4000, "192.0.2.2"), (call.Agreement!.Codec.Codec.ToString(), call.Agreement.Port, call.Agreement.Host));
        Assert.Equal(101, theirs.Agreement!.Keys!.PayloadType.Value);

        theirs.HangUp(rig.Now);
        rig.Run(40);

        Assert.Equal(["5061 INVITE", "5062 180", "5062 200", "5061 ACK", "5062 BYE", "5061 200"], rig.Wire);
        Assert.Equal(["Progress 180", "Media", "Established", "Ended 200"], _alice.Story);
        Assert.Equal(["Incoming", "Media", "Established", "Ended 200"], _agent.Story);
        Assert.Empty(_agent.Agent.Calls);
        Assert.Equal(0, _agent.Agent.TransactionCount + _alice.Agent.TransactionCount);
    }

    [Fact]
    public void BusyCallee_IsBusy()
    {
        var rig = Rig();
        _agent.On = (e, now) => e.Call!.Refuse(486, now);
        _alice.Dial(_agent, rig.Now);
        rig.Run(60);

        Assert.Equal(["5061 INVITE", "5062 486", "5061 ACK"], rig.Wire);
        Assert.Equal(["Ended 486"], _alice.Story);
        Assert.Equal(0, _agent.Agent.TransactionCount + _alice.Agent.TransactionCount);
    }

    [Fact]
    public void LostAck_IsSentAgainForEachCopyOfTheAnswer()
    {
        var rig = Rig();
        _agent.Answer();
        int acks = 0;
        rig.Drops = (_, message) => message.Method == SipMethod.Ack && acks++ < 2;
        _alice.Dial(_agent, rig.Now);
        rig.Run(10);

        Assert.Equal(["5061 INVITE", "5062 200", "5061 ACK", "5062 200", "5061 ACK", "5062 200", "5061 ACK"], rig.Wire);
        Assert.Equal(SipCallState.Established, _agent.Events[0].Call!.State);
    }

    [Fact]
    public void AnswerWithoutAck_IsGivenUpWithByeAfter32Seconds()
    {
        var rig = Rig();
        _agent.Answer();
        rig.Drops = (_, message) => message.Method == SipMethod.Ack;
        _alice.Dial(_agent, rig.Now);
        rig.Run(31);
        Assert.Equal(SipCallState.Answered, _agent.Events[0].Call!.State);
        rig.Run(3);

        Assert.Equal("Ended 408", _agent.Story.Last());
        Assert.Equal("Ended 200", _alice.Story.Last());
        Assert.Contains("5062 BYE", rig.Wire);
    }

    [Fact]
    public void CallTakenBack_IsCancelled()
    {
        var rig = Rig();
        _agent.Ring();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(1);
        call.HangUp(rig.Now);
        rig.Run(60);

        Assert.Equal(["5061 INVITE", "5062 180", "5061 CANCEL", "5062 200", "5062 487", "5061 ACK"], rig.Wire);
        Assert.Equal(["Progress 180", "Ended 487"], _alice.Story);
        Assert.Equal(["Incoming", "Ended 487"], _agent.Story);
        Assert.Equal(0, _agent.Agent.TransactionCount + _alice.Agent.TransactionCount);
    }

    [Fact]
    public void CancelThatCrossesTheAnswer_EndsInBye()
    {
        var rig = Rig();
        _agent.Ring();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(1);
        _agent.Events[0].Call!.Accept(_agent.Audio(), rig.Now);
        call.HangUp(rig.Now);
        rig.Run(60);

        Assert.Equal("Ended 487", _alice.Story.Last());
        Assert.Equal("Ended 200", _agent.Story.Last());
        Assert.Contains("5061 BYE", rig.Wire);
    }

    [Fact]
    public void UnansweredCall_EndsByItself()
    {
        var rig = Rig();
        _agent.Ring();
        _alice.Dial(_agent, rig.Now);
        rig.Run(300);

        Assert.StartsWith("Ended 4", _alice.Story.Last());
        Assert.StartsWith("Ended 4", _agent.Story.Last());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void ABadLine_ChangesNothingButTheTime(int seed)
    {
        var rig = new PhoneRig(_alice, _agent, seed);
        _agent.Answer();
        rig.Loss = 0.3;
        var calls = Enumerable.Range(0, 20).Select(_ => _alice.Dial(_agent, rig.Now)).ToList();
        rig.Run(25);
        Assert.All(calls, call => Assert.Equal(SipCallState.Established, call.State));
        calls.ForEach(call => call.HangUp(rig.Now));
        rig.Run(100);

        Assert.Empty(_agent.Agent.Calls);
        Assert.Equal(0, _agent.Agent.TransactionCount + _alice.Agent.TransactionCount);
    }

    [Fact]
    public void HoldAndResume_SwapTheDirectionAndRaiseTheVersion()
    {
        var rig = Rig();
        _agent.Answer();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(1);
        var theirs = _agent.Events[0].Call!;

        Assert.True(call.Hold(true, rig.Now));
        rig.Run(1);
        Assert.Equal((MediaDirection.SendOnly, MediaDirection.ReceiveOnly), (call.Agreement!.Direction, theirs.Agreement!.Direction));
        Assert.True(call.Hold(false, rig.Now));
        rig.Run(1);
        Assert.Equal((MediaDirection.SendReceive, MediaDirection.SendReceive), (call.Agreement!.Direction, theirs.Agreement!.Direction));

        var offers = rig.Messages.Where(message => message.Method == SipMethod.Invite).Select(message => Encoding.UTF8.GetString(message.Body.Span)).ToList();
        Assert.Equal(3, offers.Count);
        Assert.Contains("o=- 7 1 IN", offers[0]);
        Assert.Contains("o=- 7 2 IN", offers[1]);
        Assert.Contains("a=sendonly", offers[1]);
        Assert.Contains("o=- 7 3 IN", offers[2]);
    }

    [Fact]
    public void ReinvitesFromBothSides_AreSortedOut()
    {
        var rig = Rig();
        _agent.Answer();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(1);
        var theirs = _agent.Events[0].Call!;

        call.Hold(true, rig.Now);
        theirs.Hold(true, rig.Now);
        rig.Run(10);

        Assert.Equal(2, rig.Wire.Count(what => what.EndsWith("491", StringComparison.Ordinal)));
        Assert.Equal((SipCallState.Established, SipCallState.Established), (call.State, theirs.State));
        Assert.Equal((MediaDirection.Inactive, MediaDirection.Inactive), (call.Agreement!.Direction, theirs.Agreement!.Direction));
    }

    [Fact]
    public void EarlyMedia_IsAcknowledgedAndHoldsForTheCall()
    {
        var rig = Rig();
        var media = _agent.Audio();
        _agent.On = (e, now) =>
        {
            if (e.Kind == SipEventKind.Incoming)
            {
                Assert.True(e.Call!.Progress(media, now));
                // Waits for the PRACK by itself.
                Assert.True(e.Call.Accept(media, now));
            }
        };
        int progress = 0;
        rig.Drops = (_, message) => message.Status == 183 && progress++ < 2;
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(20);

        Assert.Equal(["Progress 183", "Media", "Established"], _alice.Story);
        Assert.Equal(["5061 PRACK", "5062 200", "5062 200", "5061 ACK"], rig.Wire.SkipWhile(what => what != "5061 PRACK"));
        Assert.Equal(0, rig.Messages.Last(message => message.Status == 200).Body.Length);
        Assert.NotNull(call.Agreement);
    }

    [Fact]
    public void Session_IsRefreshedHalfWay_AndLastsAsLongAsItIs()
    {
        var rig = Rig();
        _agent.Answer();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(10_000);

        Assert.Equal(SipCallState.Established, call.State);
        Assert.InRange(rig.Wire.Count(what => what.EndsWith("UPDATE", StringComparison.Ordinal)), 10, 12);
    }

    [Fact]
    public void PeerThatStopsRefreshing_IsHungUpBeforeTheEnd()
    {
        var rig = Rig();
        _agent.Answer();
        bool isCut = false;
        rig.Drops = (from, _) => isCut && from == _alice;
        _alice.Dial(_agent, rig.Now);
        rig.Run(10);
        isCut = true;
        rig.Run(1700);
        Assert.NotEqual(SipCallState.Ended, _agent.Events[0].Call!.State);
        rig.Run(100);

        Assert.Equal("Ended 408", _agent.Story.Last());
    }

    [Fact]
    public void Keys_ComeByInfo()
    {
        var rig = Rig();
        _agent.Answer();
        var call = _alice.Dial(_agent, rig.Now);
        rig.Run(1);

        Assert.True(call.SendInfo("application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"u8.ToArray(), rig.Now));
        rig.Run(1);

        var info = _agent.Events[^1];
        Assert.Equal((SipEventKind.Info, "application/dtmf-relay", "Signal=1\r\nDuration=160\r\n"), (info.Kind, info.Text, Encoding.ASCII.GetString(info.Body.Span)));
    }

    [Theory]
    [InlineData("secret", SipCallState.Established)]
    [InlineData("wrong", SipCallState.Ended)]
    public void StrangersHaveToLogIn(string password, SipCallState end)
    {
        var agent = new Phone("192.0.2.2:5062", new SipUserAgentOptions { Digest = new DigestServer("voice", user => user == "alice" ? "secret" : null, new byte[32]) }) { IsTrusted = false };
        var rig = new PhoneRig(_alice, agent);
        agent.Answer();
        var call = _alice.Dial(agent, rig.Now, new Phone.Digest("alice", password));
        rig.Run(1);

        Assert.Equal(end, call.State);
        if (end == SipCallState.Established)
        {
            Assert.Equal("alice", agent.Events[0].Call!.Caller.Account);
            Assert.Contains("algorithm=SHA-256", rig.Messages.Last(message => message.Method == SipMethod.Invite).GetText(SipHeaderName.Authorization));
        }
        else
        {
            Assert.Equal(["Ended 401"], _alice.Story);
            Assert.Empty(agent.Events);
        }
    }

    [Fact]
    public void TooManyCalls_AreToldWhenToTryAgain()
    {
        var agent = new Phone("192.0.2.2:5062", new SipUserAgentOptions { MaxCalls = 2 });
        var rig = new PhoneRig(_alice, agent);
        agent.Answer();
        var calls = Enumerable.Range(0, 3).Select(_ => _alice.Dial(agent, rig.Now)).ToList();
        rig.Run(1);

        Assert.Equal(1, calls.Count(call => call.State == SipCallState.Ended));
        Assert.Equal("5", rig.Messages.Single(message => message.Status == 503).GetText(SipHeaderName.RetryAfter));
        calls.ForEach(call => call.HangUp(rig.Now));
        rig.Run(2);
        Assert.Equal(SipCallState.Ringing, _alice.Dial(agent, rig.Now).State);
        rig.Run(1);
        Assert.Single(agent.Agent.Calls);
    }

    [Fact]
    public void OverTcp_NothingIsSentTwice()
    {
        var alice = new Phone("192.0.2.1:5061") { Transport = SipTransport.Tcp };
        var agent = new Phone("192.0.2.2:5062") { Transport = SipTransport.Tcp };
        var rig = new PhoneRig(alice, agent);
        agent.Answer();
        var call = alice.Dial(agent, rig.Now);
        rig.Run(20);
        call.HangUp(rig.Now);
        rig.Run(40);

        Assert.Equal(["5061 INVITE", "5062 200", "5061 ACK", "5061 BYE", "5062 200"], rig.Wire);
        Assert.Contains(";transport=tcp>", rig.Messages[0].GetText(SipHeaderName.Contact));
    }
}
