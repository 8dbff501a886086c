using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>Registrations, and the calls that come by them.</summary>
public sealed class SipRegistrationTests
{
    private const string Password = "trunk-secret";
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Trunk_TakesOurRegistration_AndCallsBackOnTheSameConnection()
    {
        using var registrar = new SecureRegistrar();
        await using var phones = await PhoneGateway.OpenAsync(null, [.. Trunk(registrar), ("Authorities", registrar.CertificateFile)]);

        // 1. It asks who we are.
        await registrar.AcceptAsync();
        var first = await registrar.ReceiveAsync();
        Assert.Equal(SipMethod.Register, first.Method);
        Assert.EndsWith(";transport=tls>", first.GetText(SipHeaderName.Contact)!.Split(";expires")[0], StringComparison.Ordinal);
        await registrar.AnswerAsync(first, 401, "WWW-Authenticate: Digest realm=\"pbx\", nonce=\"n0nce\", algorithm=MD5, qop=\"auth\"\r\n");

        // 2. We say so, without telling the password.
        var second = await registrar.ReceiveAsync();
        string authorization = second.GetText(SipHeaderName.Authorization)!;
        Assert.Contains($"response=\"{ResponseTo(authorization)}\"", authorization);
        Assert.True(second.CSeq.Number > first.CSeq.Number);
        await registrar.AnswerAsync(second, 200, $"Contact: {second.GetText(SipHeaderName.Contact)};expires=60\r\n");
        await UntilRegisteredAsync(phones);

        // 3. It calls where we said that we are.
        string contact = second.GetText(SipHeaderName.Contact)!.TrimStart('<').Split('>')[0];
        const string Sdp = "v=0\r\no=r 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n";
        await registrar.SendAsync($"INVITE {contact} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:{registrar.Port};branch=z9hG4bKr1\r\nMax-Forwards: 70\r\nFrom: <sip:ann@pbx>;tag=a\r\n"
            + $"To: <sip:us@pbx>\r\nCall-ID: back\r\nCSeq: 1 INVITE\r\nContact: <sip:pbx@127.0.0.1:{registrar.Port};transport=tls>\r\nContent-Type: application/sdp\r\nContent-Length: {Sdp.Length}\r\n\r\n{Sdp}");
        var answer = await registrar.ReceiveAsync();
        while (answer.Status < 200)
            answer = await registrar.ReceiveAsync();
        Assert.Equal((200, "back"), (answer.Status, answer.CallId));
    }

    [Fact]
    public async Task TrunkWithACertificateOfItsOwnMaking_IsToldNothing_UnlessItIsTrusted()
    {
        using var registrar = new SecureRegistrar();
        await using var phones = await PhoneGateway.OpenAsync(null, Trunk(registrar));

        // Not one byte of ours comes: the handshake ends.
        var failure = await Record.ExceptionAsync(async () =>
        {
            await registrar.AcceptAsync();
            await registrar.ReceiveAsync();
        });

        Assert.NotNull(failure);
        var trunk = (await Gateway.JsonOf(await phones.Gateway.Client.GetAsync("/api/sip/calls"))).GetProperty("trunks")[0];
        Assert.False(trunk.GetProperty("is_registered").GetBoolean());
    }

    [Fact]
    public async Task TrunkWhoseNameLeadsElsewhere_IsFollowed()
    {
        using var first = new SipDesk();
        using var second = new SipDesk();
        using var names = new NameServer("_sip._udp.pbx.example", (10, first.Port));
        await using var phones = await PhoneGateway.OpenWithAsync(HaveTime, ("NameServers:0", names.Address),
            ("Trunks:0:Name", "pbx"), ("Trunks:0:Hosts:0", "pbx.example"), ("Trunks:0:User", "us"), ("Trunks:0:Registers", "true"));
        await first.AnswerAsync(await first.RequestAsync(SipMethod.Register), 503);

        names.Hosts = [(10, second.Port)];
        while (!second.WasCalled)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10);
        }

        await second.AnswerAsync(await second.RequestAsync(SipMethod.Register), 200);
        await UntilRegisteredAsync(phones);
    }

    [Fact]
    public async Task WayOfARegistration_IsKeptOpen_ByDatagrams()
    {
        using var desk = new SipDesk();
        await using var phones = await PhoneGateway.OpenWithAsync(HaveTime,
            ("Trunks:0:Name", "pbx"), ("Trunks:0:Hosts:0", $"127.0.0.1:{desk.Port}"), ("Trunks:0:User", "us"), ("Trunks:0:Registers", "true"));
        await desk.AnswerAsync(await desk.RequestAsync(SipMethod.Register), 200);
        await UntilRegisteredAsync(phones);

        _time.Advance(TimeSpan.FromSeconds(25));

        Assert.Equal("\r\n"u8.ToArray(), await desk.ReceiveAsync());
    }

    [Fact]
    public async Task WayOfARegistration_IsKeptOpen_OnItsConnection()
    {
        using var registrar = new SecureRegistrar();
        await using var phones = await PhoneGateway.OpenWithAsync(HaveTime, [.. Trunk(registrar), ("Authorities", registrar.CertificateFile)]);
        await registrar.AcceptAsync();
        await registrar.AnswerAsync(await registrar.ReceiveAsync(), 200);
        await UntilRegisteredAsync(phones);

        _time.Advance(TimeSpan.FromSeconds(90));

        await registrar.PingAsync();
    }

    // The trunks have the test's clock, all else its own.
    private void HaveTime(IServiceCollection services) =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SipTrunks>(provider, (TimeProvider)_time));

    private static (string, string)[] Trunk(SecureRegistrar registrar) =>
    [
        ("Trunks:0:Name", "pbx"), ("Trunks:0:Hosts:0", $"127.0.0.1:{registrar.Port}"), ("Trunks:0:Domain", "pbx"), ("Trunks:0:Transport", "tls"), ("Trunks:0:User", "us"),
        ("Trunks:0:Password", Password), ("Trunks:0:Registers", "true"), ("SelfSigned", "true"), ("TlsPort", "0"),
    ];

    // RFC 2617, section 3.2.2, by hand.
    private static string ResponseTo(string authorization)
    {
        string Part(string name) => authorization.Split(',', ' ').First(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..].Trim('"');
#pragma warning disable CA5351 // what most registrars ask for
        static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(text)));
#pragma warning restore CA5351
        return Md5($"{Md5($"us:pbx:{Password}")}:n0nce:{Part("nc")}:{Part("cnonce")}:auth:{Md5($"REGISTER:{Part("uri")}")}");
    }

    private static async Task UntilRegisteredAsync(PhoneGateway phones)
    {
        for (int i = 0; i < 600; i++)
        {
            if ((await Gateway.JsonOf(await phones.Gateway.Client.GetAsync("/api/sip/calls"))).GetProperty("trunks")[0].GetProperty("is_registered").GetBoolean())
                return;
            await Task.Delay(50);
        }

        Assert.Fail("We are not registered.");
    }
}
