using System.Runtime.CompilerServices;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>What calls leave behind for the time in which copies of their last messages may come, and what a peer may pile up.</summary>
public sealed class SipMemoryTests
{
    private readonly ScriptedPeer _peer = new();

    [Fact]
    public void FinishedCall_LeavesItsAnswersOnly()
    {
        var (call, ok, tag) = CallAndHangUp();

        GC.Collect();

        Assert.False(call.TryGetTarget(out _));
        Assert.Equal(2, _peer.Agent.TransactionCount);
        // Copies are still taken for what they are.
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp)));
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("BYE", 2, tag)).Status);
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("CANCEL", branch: "z9hG4bKINVITE1")).Status);
        Assert.Empty(_peer.Events);
        _peer.Run(40);
        Assert.Equal(0, _peer.Agent.TransactionCount);
        Assert.Equal(200, ok);
    }

    [Fact]
    public void RefusedCall_LeavesItsRefusalOnly()
    {
        var call = CallAndRefuse();

        GC.Collect();

        Assert.False(call.TryGetTarget(out _));
        Assert.Equal(486, _peer.Send(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp)).Status);
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("ACK", branch: "z9hG4bKINVITE1")));
    }

    [Fact]
    public void PeerThatAsksWithoutEnd_IsToldToWait_AndMayHangUp()
    {
        var (call, tag) = _peer.Establish();
        string padding = "X-Padding: " + new string('x', 8000) + "\r\n";
        int answered = 0;
        for (int i = 0; i < 2000; i++)
        {
            var answer = _peer.Send(ScriptedPeer.Request("OPTIONS", 2 + i, tag, headers: padding));
            Assert.Contains(answer.Status, new[] { 200, 503 });
            answered += answer.Status == 200 ? 1 : 0;
            if (answer.Status == 503)
                Assert.Equal("32", answer.GetText(SipHeaderName.RetryAfter));
        }

        // As many as any phone asks, and no more are kept.
        Assert.InRange(answered, 200, 500);
        Assert.InRange(_peer.Agent.TransactionCount, answered, answered + 1);
        // It is asked again later, and nothing is lost by it.
        _peer.Run(33);
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("OPTIONS", 3000, tag)).Status);
        for (int i = 0; i < 2000; i++)
            _peer.SendAll(ScriptedPeer.Request("INVITE", 4000 + i, tag, body: ScriptedPeer.Sdp.Replace("0 8 101", "18", StringComparison.Ordinal)));
        Assert.InRange(_peer.Agent.TransactionCount, 1, 500);
        Assert.Equal(SipCallState.Established, call.State);
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("BYE", 9000, tag)).Status);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (WeakReference<SipCall> Call, int Status, string Tag) CallAndHangUp()
    {
        var (call, tag) = _peer.Establish();
        var bye = _peer.Send(ScriptedPeer.Request("BYE", 2, tag));
        Assert.Equal(SipCallState.Ended, call.State);
        _peer.Events.Clear();
        return (new WeakReference<SipCall>(call), bye.Status, tag);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference<SipCall> CallAndRefuse()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp));
        var call = _peer.Events[0].Call!;
        call.Refuse(486, _peer.Now);
        Assert.Equal(486, Assert.Single(_peer.Take()).Status);
        _peer.Events.Clear();
        return new WeakReference<SipCall>(call);
    }
}
