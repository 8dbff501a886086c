using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>INVITEs of ours that somebody has heard and nobody answers: of calls that are given up, or over, nothing stays behind.</summary>
public sealed class SipGivenUpTests
{
    private readonly ScriptedPeer _peer = new();

    [Fact]
    public void CallThatIsTakenBack_AndNeverAnswered_EndsAndLeavesNothing()
    {
        var call = Dial();
        var invite = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(invite, 100, "t"));

        call.HangUp(_peer.Now);
        var cancel = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(cancel, 200, "t"));
        // Whoever only goes on to ring does not keep it either.
        _peer.Run(20);
        Assert.Empty(_peer.SendAll(ScriptedPeer.Response(invite, 180, "t")));
        _peer.Run(13);

        Assert.Equal((SipEventKind.Ended, 408), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
        Assert.Empty(_peer.Agent.Calls);
        Assert.Equal(0, _peer.Agent.TransactionCount);
    }

    [Fact]
    public void CallThatRangTooLong_OfAPeerThatIsGone_LeavesNothing()
    {
        Dial();
        _peer.SendAll(ScriptedPeer.Response(Assert.Single(_peer.Take()), 180, "t"));

        _peer.Run(180 + 33);

        Assert.Equal(SipEventKind.Ended, _peer.Events[^1].Kind);
        Assert.Equal(0, _peer.Agent.TransactionCount);
    }

    [Fact]
    public void CallThatIsEndedBeforeAnybodyAnswered_IsTakenBackWhenSomebodyDoes()
    {
        var call = Dial();
        var invite = Assert.Single(_peer.Take());
        call.HangUp(_peer.Now);
        call.HangUp(_peer.Now);
        Assert.Equal(SipCallState.Ended, call.State);

        var cancel = _peer.Send(ScriptedPeer.Response(invite, 180, "t"));

        Assert.Equal(SipMethod.Cancel, cancel.Method);
        _peer.SendAll(ScriptedPeer.Response(cancel, 200, "t"));
        _peer.Run(33);
        Assert.Equal(0, _peer.Agent.TransactionCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ReinviteThatIsOnlyHeard_LeavesNothing_WhetherTheCallGoesOnOrEnds(bool goesOn)
    {
        var (call, _) = _peer.Establish();
        Assert.True(call.Hold(true, _peer.Now));
        _peer.SendAll(ScriptedPeer.Response(Assert.Single(_peer.Take()), 100, "p"));

        if (!goesOn)
        {
            call.HangUp(_peer.Now);
            _peer.SendAll(ScriptedPeer.Response(Assert.Single(_peer.Take()), 200, "p"));
        }

        _peer.Run(66);

        Assert.Equal(goesOn ? SipCallState.Established : SipCallState.Ended, call.State);
        Assert.Equal(0, _peer.Agent.TransactionCount);
    }

    [Fact]
    public void ReinviteThatIsHeardAfterTheCallsEnd_LeavesNothing()
    {
        var (call, tag) = _peer.Establish();
        Assert.True(call.Hold(true, _peer.Now));
        var invite = Assert.Single(_peer.Take());
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("BYE", 2, tag)).Status);

        _peer.SendAll(ScriptedPeer.Response(invite, 100, "p"));
        _peer.Run(33);

        Assert.Equal(SipCallState.Ended, call.State);
        Assert.Equal(0, _peer.Agent.TransactionCount);
    }

    private SipCall Dial() => _peer.Agent.Call(new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio() }, _peer.Now)!;
}
