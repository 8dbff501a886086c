using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>With Kamailio between us and baresip: it knows both by registration and every request in a call goes along its route, also where its two sides differ in transport.</summary>
public sealed class KamailioTests
{
    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task Phone_ReachesUsWhereWeAreRegistered(string transport)
    {
        PhoneProgram.Require("baresip");
        bool isSecure = transport == "tls";
        await using var kamailio = await Kamailio.StartAsync(isSecure);
        using var certificate = new TestCertificate();
        await using var server = await PhoneServer.StartAsync(isSecure ? certificate : null, Trunk(kamailio, transport));
        await RegisteredAsync(server);
        await using var phone = Baresip.Start(
            SpokenWords.Narrow.WithPauses(), ";regint=0;audio_codecs=PCMU/8000/1", $"sip:agent@127.0.0.1:{PortOf(kamailio, transport)};transport={transport}");

        await phone.SaysAsync("Call established");
        var call = Assert.Single(await server.CallsAsync());
        Assert.Equal("ended", (await server.UntilAsync(call.GetProperty("id").GetString()!, "ended"))[^1]);
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task Phone_IsCalledThroughTheTrunk_AndHungUp(string transport)
    {
        PhoneProgram.Require("baresip");
        bool isSecure = transport == "tls";
        await using var kamailio = await Kamailio.StartAsync(isSecure);
        using var certificate = new TestCertificate();
        await using var phone = Baresip.Start(
            SpokenWords.Narrow.WithPauses(60), $";regint=600;answermode=auto;audio_codecs=PCMU/8000/1", user: "desk", domain: $"127.0.0.1:{kamailio.Port}", password: Kamailio.Password);
        await phone.SaysAsync("200 OK"); // to its registration
        await using var server = await PhoneServer.StartAsync(isSecure ? certificate : null, [.. Trunk(kamailio, transport), ("VoiceCarnival:Sip:Destinations:0", "desk")]);

        string call = await server.CallAsync("desk");
        await server.UntilAsync(call, "answered");
        await server.HangUpAsync(call);

        // What it says of a BYE; of a call that lasted less than a second it says no more.
        await phone.SaysAsync("session closed");
        Assert.DoesNotContain(" 404 ", await server.LadderAsync(call));
    }

    private static async Task RegisteredAsync(PhoneServer server)
    {
        for (int i = 0; i < 200; i++)
        {
            if ((await server.GetAsync("/api/sip/calls")).GetProperty("trunks")[0].GetProperty("is_registered").GetBoolean())
                return;
            await Task.Delay(50);
        }

        Assert.Fail("We are not registered.");
    }

    private static (string, string)[] Trunk(Kamailio kamailio, string transport) =>
    [
        ("VoiceCarnival:Sip:Trunks:0:Name", "kamailio"),
        ("VoiceCarnival:Sip:Trunks:0:Hosts:0", $"127.0.0.1:{PortOf(kamailio, transport)}"),
        ("VoiceCarnival:Sip:Trunks:0:Domain", "127.0.0.1"),
        ("VoiceCarnival:Sip:Trunks:0:Transport", transport),
        ("VoiceCarnival:Sip:Trunks:0:User", "agent"),
        ("VoiceCarnival:Sip:Trunks:0:Password", Kamailio.Password),
        ("VoiceCarnival:Sip:Trunks:0:Registers", "true"),
        .. transport == "tls" ? [("VoiceCarnival:Sip:Authorities", kamailio.CertificatePath)] : ((string, string)[])[],
    ];

    private static int PortOf(Kamailio kamailio, string transport) => transport == "tls" ? kamailio.TlsPort : kamailio.Port;
}
