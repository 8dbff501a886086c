using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Offers and answers of a call, in whichever message they come (RFC 3264; RFC 3261, section 13.2.1).</summary>
public sealed class SipOfferAnswerTests
{
    private readonly ScriptedPeer _peer = new();

    [Fact]
    public void SdpAmongOtherParts_IsFound()
    {
        string body = $"--b1\r\nContent-Type: application/isup;version=x\r\n\r\n\u0001\u0002\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n{ScriptedPeer.Sdp}\r\n--b1--\r\n";
        var (call, _) = _peer.Establish("Content-Type: multipart/mixed;boundary=\"b1\"\r\n", body);

        Assert.Equal(4002, call.Agreement!.Port);
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
}
