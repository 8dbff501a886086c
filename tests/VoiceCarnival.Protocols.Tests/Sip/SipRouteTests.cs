using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Where our requests within a call go: routes, targets, and peers that are not where they say.</summary>
public sealed class SipRouteTests
{
    private readonly ScriptedPeer _peer = new();

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

    [Theory]
    [InlineData("sip:peer@192.0.2.9:5070;transport=tcp", SipTransport.Tcp, "SIP/2.0/TCP ")]
    [InlineData("sips:peer@192.0.2.9:5070", SipTransport.Tls, "SIP/2.0/TLS ")]
    [InlineData("sip:peer@192.0.2.9:5070", SipTransport.Udp, "SIP/2.0/UDP ")]
    public void PeerWhoWantsAnotherTransport_IsToldThatItIsThat(string contact, SipTransport transport, string via)
    {
        _peer.SendAll(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp).Replace("sip:peer@192.0.2.9:5070", contact, StringComparison.Ordinal));
        var call = _peer.Events[0].Call!;
        call.Accept(ScriptedPeer.Audio(), _peer.Now);
        _peer.SendAll(ScriptedPeer.Request("ACK", 1, Assert.Single(_peer.Take()).ToTag, "z9hG4bKack"));
        call.HangUp(_peer.Now);

        Assert.True(_peer.Agent.TryTakeTransmit(out var transmit));
        Assert.True(SipMessage.TryRead(transmit.Bytes, out var bye, out _));
        Assert.Equal(transport, transmit.Target.Transport);
        Assert.StartsWith(via, bye.GetText(SipHeaderName.Via));
    }
}
