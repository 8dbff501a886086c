using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;

namespace VoiceCarnival.Protocols.Tests.Sip;

/// <summary>Our registrations with a registrar that is scripted.</summary>
public sealed class SipRegistrationTests
{
    private readonly ScriptedPeer _peer = new();

    [Fact]
    public void Registration_AnswersTheChallenge_RefreshesAndIsRemoved()
    {
        var registration = Register(_peer.Path);
        var first = Assert.Single(_peer.Take());
        Assert.Equal((SipMethod.Register, "sip:example.com"), (first.Method, Encoding.ASCII.GetString(first.Target)));
        var second = _peer.Send(ScriptedPeer.Response(first, 401, "r", "WWW-Authenticate: Digest realm=\"x\", nonce=\"n1\", qop=\"auth\"\r\n"));
        Assert.Contains("nc=00000001", second.GetText(SipHeaderName.Authorization));
        var third = _peer.Send(ScriptedPeer.Response(second, 423, "r", "Min-Expires: 900\r\n"));
        Assert.Equal(900u, third.GetNumber(SipHeaderName.Expires));
        Assert.Contains("nc=00000002", third.GetText(SipHeaderName.Authorization));
        _peer.SendAll(ScriptedPeer.Response(third, 200, "r", $"Contact: {third.GetText(SipHeaderName.Contact)};expires=100\r\n"));
        Assert.True(registration.IsRegistered);

        Assert.Empty(_peer.Run(74));
        var refresh = _peer.Run(12)[0];
        Assert.Equal(third.CSeq.Number + 1, refresh.CSeq.Number);
        Assert.Equal(first.CallId, refresh.CallId);
        var stale = _peer.Send(ScriptedPeer.Response(refresh, 401, "r", "WWW-Authenticate: Digest realm=\"x\", nonce=\"n2\", qop=\"auth\", stale=true\r\n"));
        Assert.Contains("nonce=\"n2\"", stale.GetText(SipHeaderName.Authorization));
        _peer.SendAll(ScriptedPeer.Response(stale, 200, "r", "Expires: 100\r\n"));

        registration.Stop(_peer.Now);
        var remove = Assert.Single(_peer.Take());
        Assert.Equal(0u, remove.GetNumber(SipHeaderName.Expires));
        _peer.SendAll(ScriptedPeer.Response(remove, 200, "r"));
        Assert.Equal(["Registered", "OK"], _peer.Events.Select(e => e.Text));
        Assert.Empty(_peer.Run(1000));
    }

    [Fact]
    public void RegistrarThatFails_GivesWayToTheNext()
    {
        var other = _peer.Path with { Remote = System.Net.IPEndPoint.Parse("192.0.2.10:5060") };
        var registration = Register(_peer.Path, other);
        var first = Assert.Single(_peer.Take());
        _peer.SendAll(ScriptedPeer.Response(first, 503, "r"));
        var second = Assert.Single(_peer.Run(0.1));
        Assert.Equal(other, registration.Registrar);
        _peer.SendAll(ScriptedPeer.Response(second, 503, "r", "Retry-After: 60\r\n"));
        Assert.Empty(_peer.Run(59));
        Assert.NotEmpty(_peer.Run(2));
        Assert.Equal(_peer.Path, registration.Registrar);
        Assert.False(registration.IsRegistered);
    }

    [Fact]
    public void WrongPassword_IsNotTriedForEver()
    {
        Register(_peer.Path);
        var request = Assert.Single(_peer.Take());
        for (int i = 0; i < 2; i++)
        {
            var answers = _peer.SendAll(ScriptedPeer.Response(request, 401, "r", $"WWW-Authenticate: Digest realm=\"x\", nonce=\"n{i}\"\r\n"));
            if (answers.Count == 0)
                break;
            request = answers[0];
        }

        Assert.Empty(_peer.SendAll(ScriptedPeer.Response(request, 401, "r", "WWW-Authenticate: Digest realm=\"x\", nonce=\"n9\"\r\n")));
        Assert.Equal(401, _peer.Events[^1].Status);
    }

    [Fact]
    public void RegistrationThatIsStoppedOnItsWay_IsRemovedOnceItArrived()
    {
        var registration = Register(_peer.Path);
        var first = Assert.Single(_peer.Take());
        registration.Stop(_peer.Now);

        var remove = _peer.Send(ScriptedPeer.Response(first, 200, "r", "Expires: 100\r\n"));

        Assert.Equal(0u, remove.GetNumber(SipHeaderName.Expires));
        _peer.SendAll(ScriptedPeer.Response(remove, 200, "r"));
        Assert.Empty(_peer.Run(1000));
        Assert.False(registration.IsRegistered);
    }

    private SipRegistration Register(params SipPath[] registrars) => _peer.Agent.Register(
        new SipRegistrationOptions
        {
            Address = "sip:agent@example.com",
            Registrars = registrars,
            Credentials = new VoiceCarnival.Protocols.Sip.Digest.SipCredentials("agent", "secret"),
            Expires = TimeSpan.FromSeconds(300),
        },
        _peer.Now);
}
