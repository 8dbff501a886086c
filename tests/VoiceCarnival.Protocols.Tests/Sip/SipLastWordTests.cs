using System.Globalization;
using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Peers that use up what is taken of addresses, routes and challenges: a call with them comes to its end all the same, and time goes on for it.</summary>
public sealed class SipLastWordTests
{
    private const string UsualContact = "sip:peer@192.0.2.9:5070";
    private readonly ScriptedPeer _peer = new();

    [Theory]
    [InlineData(SipLimits.MaxUri)]
    [InlineData(SipLimits.MaxUri - 1)]
    public void AddressAsLongAsAnyIsTaken_IsHungUpOn(int length)
    {
        string contact = Long("sip:", "@192.0.2.9:5070", length);
        var call = Establish(ScriptedPeer.Request("INVITE", body: ScriptedPeer.Sdp).Replace(UsualContact, contact, StringComparison.Ordinal));

        call.HangUp(_peer.Now);

        var bye = Assert.Single(_peer.Take());
        Assert.Equal((SipMethod.Bye, contact), (bye.Method, Encoding.ASCII.GetString(bye.Target)));
        Assert.Empty(_peer.Agent.Calls);
    }

    [Fact]
    public void RoutesThatGrowBeyondAMessage_AreRefused()
    {
        // Each without the brackets that we have to write.
        string bare = string.Concat(Enumerable.Repeat($"Record-Route: {Long("sip:192.0.2.9;x=", "", 181)}\r\n", 90));
        string strict = "Record-Route: <sip:192.0.2.50>\r\n" + string.Concat(Enumerable.Repeat($"Record-Route: {Long("<sip:192.0.2.9;lr;x=", ">", 2040)}\r\n", 8));

        Assert.Equal(400, _peer.Send(ScriptedPeer.Request("INVITE", headers: bare, body: ScriptedPeer.Sdp)).Status);
        Assert.Equal(400, _peer.Send(ScriptedPeer.Request("INVITE", 2, headers: strict, body: ScriptedPeer.Sdp)).Status);
        Assert.Equal(400, _peer.Send(ScriptedPeer.Request("INVITE", 3, headers: $"Record-Route: {Long("sip:192.0.2.9;lr;x=", "", SipLimits.MaxValue)}\r\n", body: ScriptedPeer.Sdp)).Status);
        Assert.Empty(_peer.Agent.Calls);
    }

    [Fact]
    public void RoutesAsLongAsAnyAreTaken_LeadTheBye()
    {
        string first = "<sip:192.0.2.50>"; // strict: the peer's address goes to the end of the routes
        string route = Long("<sip:192.0.2.9;lr;x=", ">", (SipLimits.MaxRecordedRoutes - first.Length) / 4);
        string headers = $"Record-Route: {first}\r\n" + string.Concat(Enumerable.Repeat($"Record-Route: {route}\r\n", 4));
        string contact = Long("sip:", "@192.0.2.9:5070", SipLimits.MaxUri);
        var call = Establish(ScriptedPeer.Request("INVITE", headers: headers, body: ScriptedPeer.Sdp).Replace(UsualContact, contact, StringComparison.Ordinal));

        call.HangUp(_peer.Now);

        var bye = Assert.Single(_peer.Take());
        Assert.Equal((SipMethod.Bye, "sip:192.0.2.50"), (bye.Method, Encoding.ASCII.GetString(bye.Target)));
        Assert.Equal($"<{contact}>", bye.HeaderAt(Enumerable.Range(0, bye.HeaderCount).Last(i => bye.NameAt(i) == SipHeaderName.Route)).Value);
    }

    [Theory]
    [InlineData("sip:agent@192.0.2.2", "<sip:agent@192.0.2.2:5060>")]
    [InlineData("sip:192.0.2.2", "<sip:agent@192.0.2.2:5060>")]
    [InlineData("#", "<sip:agent@192.0.2.2:5060>")] // 700 of them, which are three times as long when they are written
    public void WhateverWasCalled_OurAddressCanBeWritten(string called, string contact)
    {
        string target = called == "#" ? $"sip:{new string('#', 700)}@192.0.2.2" : called;
        Establish(ScriptedPeer.Request("INVITE", headers: "Supported: timer\r\nAllow: UPDATE\r\nSession-Expires: 120;refresher=uas\r\n", body: ScriptedPeer.Sdp)
            .Replace("INVITE sip:agent@192.0.2.2", "INVITE " + target, StringComparison.Ordinal));

        var update = Assert.Single(_peer.Run(60.3));

        Assert.Equal((SipMethod.Update, contact), (update.Method, update.GetText(SipHeaderName.Contact)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ByeThatCannotBeWritten_EndsTheCallWithoutIt(bool isExpired)
    {
        var call = _peer.Agent.Call(
            new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio(), Credentials = new("u", "p") }, _peer.Now)!;
        var invite = Assert.Single(_peer.Take());
        // Each realm is answered in each request, with the address that it goes to.
        for (int round = 0; round < 4; round++)
        {
            string challenges = string.Concat(Enumerable.Range(0, 4).Select(i => $"WWW-Authenticate: Digest realm=\"{round}.{i}\", nonce=\"{new string('n', 1400)}\"\r\n"));
            invite = _peer.SendAll(ScriptedPeer.Response(invite, 401, "t", challenges)).Last();
        }

        _peer.SendAll(ScriptedPeer.Response(invite, 200, "t", $"Contact: <{Long("sip:", "@192.0.2.9", 2000)}>\r\nSession-Expires: 120;refresher=uas\r\n", ScriptedPeer.Sdp));
        Assert.Equal(SipCallState.Established, call.State);

        if (isExpired)
            _peer.Run(100);
        else
            call.HangUp(_peer.Now);

        Assert.Empty(_peer.Take());
        Assert.Equal((SipEventKind.Ended, isExpired ? 408 : 200), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
        Assert.Empty(_peer.Agent.Calls);
    }

    [Fact]
    public void RefreshThatCannotBeWritten_LeavesTheSessionItsEnd()
    {
        var headers = Enumerable.Range(0, 15).Select(i => new SipHeader(string.Create(CultureInfo.InvariantCulture, $"X-{i}"), new string('x', 2050))).ToList();
        _peer.Agent.Call(new SipCallRequest { To = "sip:p@192.0.2.9", From = "sip:agent@192.0.2.2", Path = _peer.Path, Media = ScriptedPeer.Audio(), Headers = headers }, _peer.Now);
        var invite = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(invite, 200, "t", $"Contact: <{Long("sip:", "@192.0.2.9", 2000)}>\r\nSession-Expires: 120;refresher=uac\r\n", ScriptedPeer.Sdp));

        Assert.Throws<ArgumentException>(() => _peer.Run(70));

        Assert.Equal(SipMethod.Bye, _peer.Run(30)[0].Method);
        Assert.Equal((SipEventKind.Ended, 408), (_peer.Events[^1].Kind, _peer.Events[^1].Status));
    }

    private static string Long(string start, string end, int length) => start + new string('p', length - start.Length - end.Length) + end;

    private SipCall Establish(string invite)
    {
        Assert.Empty(_peer.SendAll(invite));
        var call = _peer.Events.Last(e => e.Kind == SipEventKind.Incoming).Call!;
        Assert.True(call.Accept(ScriptedPeer.Audio(), _peer.Now));
        var ok = Assert.Single(_peer.Take());
        Assert.Empty(_peer.SendAll(ScriptedPeer.Request("ACK", 1, ok.ToTag, "z9hG4bKack")));
        Assert.Equal(SipCallState.Established, call.State);
        return call;
    }
}
