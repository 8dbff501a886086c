using System.Text;
using VoiceCarnival.Protocols.Sdp;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>What peers do in the middle of a call, or before it is answered: copies, refusals, offers at odd places, silence.</summary>
public sealed class SipInCallTests
{
    private static readonly string OtherPort = ScriptedPeer.Sdp.Replace("4002", "4004", StringComparison.Ordinal);
    private readonly ScriptedPeer _peer = new();

    [Fact]
    public void CopyOfARefusedReinvite_GetsTheSameRefusal()
    {
        var (_, tag) = _peer.Establish();
        string reinvite = ScriptedPeer.Request("INVITE", 2, tag, body: ScriptedPeer.Sdp.Replace("0 8 101", "18", StringComparison.Ordinal));

        Assert.Equal(488, _peer.Send(reinvite).Status);
        Assert.Equal(488, _peer.Send(reinvite).Status);
        Assert.Contains(488, _peer.Run(3).Select(message => message.Status)); // repeated until it is acknowledged
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("ACK", 2, tag, "z9hG4bKINVITE2")));
        Assert.Empty(_peer.Run(20));
    }

    [Fact]
    public void ReinviteByAnotherPort_IsAnsweredThere()
    {
        var (call, tag) = _peer.Establish();
        var moved = _peer.Path with { Remote = System.Net.IPEndPoint.Parse("192.0.2.9:6070") };
        _peer.Agent.Receive(Encoding.ASCII.GetBytes(ScriptedPeer.Request("INVITE", 2, tag, body: ScriptedPeer.Sdp)), moved, _peer.Now);

        var ok = Assert.Single(_peer.Take());

        Assert.Equal(200, ok.Status);
        Assert.Contains("rport=6070", ok.GetText(SipHeaderName.Via));
        Assert.Equal(SipCallState.Established, call.State);
    }

    [Fact]
    public void PeerBehindATranslator_IsReachedWhereItWasHeardLast()
    {
        // Its Via and Contact name an address of a network that is not ours.
        _peer.SendAll(Private(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp)));
        var call = _peer.Events[0].Call!;
        call.Accept(ScriptedPeer.Audio(), _peer.Now);
        string tag = Assert.Single(_peer.Take()).ToTag;
        _peer.SendAll(Private(ScriptedPeer.Request("ACK", 1, tag, "z9hG4bKack")));
        var moved = _peer.Path with { Remote = System.Net.IPEndPoint.Parse("192.0.2.9:6070") };
        _peer.Agent.Receive(Encoding.ASCII.GetBytes(Private(ScriptedPeer.Request("INFO", 2, tag))), moved, _peer.Now);
        Assert.Equal(200, Assert.Single(_peer.Take()).Status);

        call.HangUp(_peer.Now);

        Assert.True(_peer.Agent.TryTakeTransmit(out var bye));
        Assert.Equal(6070, bye.Target.Port);

        static string Private(string text) => text.Replace("UDP 192.0.2.9:5070", "UDP 10.0.0.9:5070", StringComparison.Ordinal).Replace("peer@192.0.2.9:5070", "peer@10.0.0.9:5070", StringComparison.Ordinal);
    }

    [Fact]
    public void ReinviteThatIsNeverAnswered_IsTakenBack_AndLaterOnesWork()
    {
        var (call, tag) = _peer.Establish();
        Assert.True(call.Hold(true, _peer.Now));
        var invite = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(invite, 100, "p"));

        var sent = _peer.Run(35);

        Assert.Equal(SipMethod.Cancel, sent[0].Method);
        Assert.Equal(200, _peer.Send(ScriptedPeer.Request("INVITE", 2, tag, body: OtherPort)).Status);
        // An answer that comes all the same is acknowledged.
        Assert.Contains(SipMethod.Ack, _peer.SendAll(ScriptedPeer.Response(invite, 200, "p", body: ScriptedPeer.Sdp)).Select(message => message.Method));
        Assert.Equal(SipCallState.Established, call.State);
    }

    [Fact]
    public void RefresherWhomNobodyAnswers_EndsTheCallInTime()
    {
        _peer.Establish("Supported: timer\r\nSession-Expires: 120;refresher=uas\r\n");
        var refresh = Assert.Single(_peer.Run(60.3), message => message.Method == SipMethod.Invite);
        _peer.SendAll(ScriptedPeer.Response(refresh, 503, "p"));

        var sent = _peer.Run(30);

        Assert.Contains(SipMethod.Bye, sent.Select(message => message.Method));
        Assert.Equal((SipEventKind.Ended, 408), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
    }

    [Fact]
    public void PeerThatAlwaysFailsToUpdate_IsNotAskedForEver()
    {
        _peer.Establish("Supported: timer\r\nAllow: UPDATE\r\nSession-Expires: 1800;refresher=uas\r\n");
        var update = Assert.Single(_peer.Run(900.3), message => message.Method == SipMethod.Update);
        int count = 0;
        for (; count < 20 && update is not null; count++)
        {
            _peer.SendAll(ScriptedPeer.Response(update, 500, "p"));
            update = _peer.Run(5).Find(message => message.Method == SipMethod.Update);
        }

        Assert.InRange(count, 2, 8);
    }

    [Theory]
    [InlineData(405)]
    [InlineData(501)]
    public void PeerWithoutUpdateAfterAll_IsRefreshedByReinvite(int status)
    {
        _peer.Establish("Supported: timer\r\nAllow: UPDATE\r\nSession-Expires: 1800;refresher=uas\r\n");
        var update = Assert.Single(_peer.Run(900.3), message => message.Method == SipMethod.Update);

        var reinvite = _peer.Send(ScriptedPeer.Response(update, status, "p"));

        Assert.Equal(SipMethod.Invite, reinvite.Method);
        _peer.SendAll(ScriptedPeer.Response(reinvite, 200, "p", "Session-Expires: 1800;refresher=uac\r\nAllow: UPDATE\r\n", ScriptedPeer.Sdp));
        Assert.Contains(SipMethod.Invite, _peer.Run(901).Select(message => message.Method));
    }

    [Fact]
    public void EarlyMediaThatMoveBeforeTheAnswer_AreFollowed()
    {
        var call = _peer.Agent.Call(new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio() }, _peer.Now)!;
        var invite = Assert.Single(_peer.Take());
        var prack = _peer.Send(ScriptedPeer.Response(invite, 183, "t", "Require: 100rel\r\nRSeq: 1\r\nContact: <sip:p@192.0.2.9>\r\n", ScriptedPeer.Sdp));
        _peer.SendAll(ScriptedPeer.Response(prack, 200, "t"));
        Assert.Equal(4002, call.Agreement!.Port);

        var ok = _peer.Send(FromCallee("UPDATE", "t", OtherPort));
        Assert.Equal(200, ok.Status);
        Assert.True(ok.Body.Length > 0);
        Assert.Equal((SipEventKind.Media, 4004), (_peer.Events[^1].Kind, call.Agreement.Port));
        // Of others nothing is known, and nobody else hangs up.
        Assert.Equal(481, _peer.Send(FromCallee("UPDATE", "else", OtherPort)).Status);
        Assert.Equal(481, _peer.Send(FromCallee("BYE", "t", "", 2)).Status);

        _peer.SendAll(ScriptedPeer.Response(invite, 200, "t", "Contact: <sip:p@192.0.2.9>\r\n"));
        Assert.Equal((SipCallState.Established, 4004), (call.State, call.Agreement.Port));

        string FromCallee(string method, string tag, string body, int sequence = 1) => ScriptedPeer.Request(method, sequence, invite.FromTag, $"z9hG4bK{method}{tag}", body: body, callId: invite.CallId)
            .Replace("tag=p\r\n", $"tag={tag}\r\n", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 8 101", 200, 4004)]
    [InlineData("18", 488, 4002)]
    public void OfferInPrack_IsAnsweredOrRefused(string formats, int status, int port)
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", headers: "Require: 100rel\r\n", body: ScriptedPeer.Sdp));
        var call = _peer.Events[0].Call!;
        Assert.True(call.Progress(ScriptedPeer.Audio(), _peer.Now));
        var progress = Assert.Single(_peer.Take());

        var answer = _peer.Send(ScriptedPeer.Request(
            "PRACK", 2, progress.ToTag, headers: $"RAck: {progress.GetText(SipHeaderName.RSeq)} 1 INVITE\r\n", body: OtherPort.Replace("0 8 101", formats, StringComparison.Ordinal)));

        Assert.Equal((status, port), (answer.Status, call.Agreement!.Port));
        Assert.Equal(status == 200, answer.Body.Length > 0);
        Assert.Equal(status == 200 ? SipEventKind.Media : SipEventKind.Incoming, _peer.Events[^1].Kind);
        Assert.Empty(_peer.Run(10)); // acknowledged either way
    }

    [Fact]
    public void BodyThatIsNoDescription_IsToldWhatIsOne()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", headers: "Require: 100rel\r\n", body: ScriptedPeer.Sdp));
        _peer.Events[0].Call!.Ring(_peer.Now);
        var ringing = Assert.Single(_peer.Take());

        var prack = _peer.Send(ScriptedPeer.Request("PRACK", 2, ringing.ToTag, headers: $"Content-Type: text/plain\r\nRAck: {ringing.GetText(SipHeaderName.RSeq)} 1 INVITE\r\n", body: "hello"));
        var update = _peer.Send(ScriptedPeer.Request("UPDATE", 3, ringing.ToTag, headers: "Content-Type: text/plain\r\n", body: "hello"));

        Assert.Equal((415, "application/sdp"), (prack.Status, prack.GetText(SipHeaderName.Accept)));
        Assert.Equal((415, "application/sdp"), (update.Status, update.GetText(SipHeaderName.Accept)));
        Assert.False(_peer.Send(ScriptedPeer.Request("UPDATE", 4, ringing.ToTag, headers: "Content-Type: application/sdp\r\n", body: "hello")).Has(SipHeaderName.Accept));
    }

    [Fact]
    public void RingingThatWouldNeedAnOffer_IsLeftOut()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", headers: "Require: 100rel\r\n"));
        var call = _peer.Events[0].Call!;

        call.Ring(_peer.Now);

        Assert.Empty(_peer.Take());
        Assert.True(call.Accept(ScriptedPeer.Audio(), _peer.Now));
        var ok = Assert.Single(_peer.Take());
        Assert.Equal((200, true), (ok.Status, ok.Body.Length > 0));
    }

    [Fact]
    public void InviteThatExpires_IsRefusedInTime()
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", headers: "Expires: 20\r\n", body: ScriptedPeer.Sdp));

        Assert.DoesNotContain(_peer.Run(19), message => message.Status >= 200);
        Assert.Equal(487, _peer.Run(2)[0].Status);
        Assert.Equal((SipEventKind.Ended, 487), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
    }

    [Fact]
    public void TransferOfWhichNothingIsHeard_IsGivenUp_AndAnotherMayBeTried()
    {
        var (call, _) = _peer.Establish();
        Assert.True(call.Transfer("sip:bob@192.0.2.3", null, _peer.Now));
        var refer = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(refer, 202, "p"));

        _peer.Run(200);

        Assert.Equal((SipEventKind.TransferProgress, 408), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
        Assert.True(call.Transfer("sip:bob@192.0.2.3", null, _peer.Now));
        Assert.Equal(SipCallState.Established, call.State);
    }

    /// <summary>A quick agent acts on the call while the acknowledgement of our 200 is still under way.</summary>
    [Fact]
    public void TransferAndKeys_BeforeTheAcknowledgement_WaitForIt()
    {
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp)));
        var call = _peer.Events.Last(e => e.Kind == SipEventKind.Incoming).Call!;
        Assert.True(call.Accept(ScriptedPeer.Audio(), _peer.Now));
        string tag = Assert.Single(_peer.Take()).ToTag;

        Assert.True(call.SendInfo("application/dtmf-relay", "Signal=5\r\n"u8.ToArray(), _peer.Now));
        Assert.True(call.Transfer("sip:bob@192.0.2.3", null, _peer.Now));
        Assert.False(call.Transfer("sip:eve@192.0.2.3", null, _peer.Now));
        call.HangUp(_peer.Now);
        Assert.Empty(_peer.Take());

        var sent = _peer.SendAll(ScriptedPeer.Request("ACK", 1, tag, "z9hG4bKack"));
        Assert.Equal([SipMethod.Info, SipMethod.Refer, SipMethod.Bye], sent.Select(message => message.Method));
    }

    [Fact]
    public void KeysBeforeTheAcknowledgement_AreBounded_AndGoneWithTheCall()
    {
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp)));
        var call = _peer.Events.Last(e => e.Kind == SipEventKind.Incoming).Call!;
        Assert.True(call.Accept(ScriptedPeer.Audio(), _peer.Now));
        _peer.Take();

        Assert.Equal(64, Enumerable.Range(0, 100).Count(_ => call.SendInfo("application/dtmf-relay", [], _peer.Now)));

        var sent = _peer.Run(40); // the acknowledgement never comes
        Assert.Equal(SipMethod.Bye, sent[^1].Method);
        Assert.DoesNotContain(sent, message => message.IsRequest && message.Method == SipMethod.Info);
    }

    [Fact]
    public void Redirection_IsToldWithItsAddressesBestFirst()
    {
        var call = _peer.Agent.Call(new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio() }, _peer.Now)!;
        var invite = Assert.Single(_peer.Take());

        _peer.SendAll(ScriptedPeer.Response(invite, 302, "t", "Contact: <sip:b@192.0.2.11>;q=0.5, <sip:a@192.0.2.10?X=1>\r\nContact: <mailto:x@example.com>, sip:c@192.0.2.12;q=0.7\r\n"));

        Assert.Equal((SipEventKind.Ended, 302), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
        Assert.Equal(["sip:a@192.0.2.10", "sip:c@192.0.2.12", "sip:b@192.0.2.11"], call.Redirections);
    }

    [Fact]
    public void OriginOfACarefreeWriter_IsTaken()
    {
        Assert.True(SessionDescription.TryRead(ScriptedPeer.Sdp.Replace("o=p 1", "o=Some SIP Phone 1", StringComparison.Ordinal), out var sdp, out _));
        Assert.Equal(1ul, sdp.Origin.SessionId);
    }
}
