using System.Net;
using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Calls;
using VoiceCarnival.Protocols.Sip.Transactions;

namespace VoiceCarnival.Transports.Tests.Sip;

/// <summary>Registrars whose names lead elsewhere in the course of time.</summary>
public sealed class SipRegistrarTests
{
    private const string First = "192.0.2.1";
    private const string Second = "192.0.2.2";
    private const string Third = "192.0.2.3";
    private readonly SipUserAgent _agent = new(new SipUserAgentOptions(), new byte[SipUserAgent.EntropyLength]);
    private TimeSpan _now;

    [Fact]
    public void RegistrationThatHolds_MovesWhenItIsRefreshed()
    {
        var registration = Register(First);
        Answer(Sent(First), 200);

        registration.MoveTo([PathTo(Second)], _now);
        Advance(TimeSpan.Zero);
        Assert.False(_agent.TryTakeTransmit(out _));
        Assert.Equal(First, registration.Registrar.Remote.Address.ToString());
        Advance(TimeSpan.FromMinutes(9));

        Answer(Sent(Second), 200);
        Assert.True(registration.IsRegistered);
        Assert.Equal(Second, registration.Registrar.Remote.Address.ToString());
    }

    [Fact]
    public void RegistrarThatIsStillAmongThem_StaysInUse()
    {
        var registration = Register(First, Second);
        Answer(Sent(First), 503);
        Advance(TimeSpan.Zero);
        Answer(Sent(Second), 200);

        registration.MoveTo([PathTo(Third), PathTo(Second)], _now);
        Advance(TimeSpan.FromMinutes(9));

        Sent(Second);
    }

    [Fact]
    public void RegistrationThatWaits_TriesTheOtherAtOnce()
    {
        var registration = Register(First);
        Answer(Sent(First), 503);

        registration.MoveTo([PathTo(First)], _now);
        Advance(TimeSpan.FromSeconds(1));
        Assert.False(_agent.TryTakeTransmit(out _));

        registration.MoveTo([PathTo(Second)], _now);
        Advance(TimeSpan.Zero);
        Sent(Second);
    }

    [Fact]
    public void RegistrarThatIsGoneAtTheRefresh_GivesWayToTheNewOne()
    {
        var registration = Register(First, Second);
        Answer(Sent(First), 200);
        Advance(TimeSpan.FromMinutes(9));
        var refresh = Sent(First);

        registration.MoveTo([PathTo(Third)], _now);
        Answer(refresh, 503);
        Advance(TimeSpan.Zero);

        Sent(Third);
    }

    private static SipPath PathTo(string address) => new(SipTransport.Udp, IPEndPoint.Parse("198.51.100.1:5060"), new IPEndPoint(IPAddress.Parse(address), 5060));

    private SipRegistration Register(params string[] registrars) =>
        _agent.Register(new SipRegistrationOptions { Address = "sip:us@pbx.example", Registrars = [.. registrars.Select(PathTo)] }, _now);

    private void Advance(TimeSpan time)
    {
        _now += time;
        _agent.AdvanceTo(_now);
    }

    private SipTransmit Sent(string host)
    {
        Assert.True(_agent.TryTakeTransmit(out var sent));
        Assert.Equal(host, sent.Target.Host);
        return sent;
    }

    private void Answer(SipTransmit sent, int status)
    {
        Assert.True(SipMessage.TryRead(sent.Bytes, out var request, out _));
        string answer = $"SIP/2.0 {status} Registrar\r\nVia: {request.GetText(SipHeaderName.Via)}\r\nFrom: {request.GetText(SipHeaderName.From)}\r\nTo: {request.GetText(SipHeaderName.To)};tag=r\r\n"
            + $"Call-ID: {request.CallId}\r\nCSeq: {request.GetText(SipHeaderName.CSeq)}\r\nContact: {request.GetText(SipHeaderName.Contact)};expires=600\r\nContent-Length: 0\r\n\r\n";
        _agent.Receive(Encoding.ASCII.GetBytes(answer), PathTo(sent.Target.Host), _now);
        while (_agent.TryTakeEvent(out _))
            continue;
    }
}
