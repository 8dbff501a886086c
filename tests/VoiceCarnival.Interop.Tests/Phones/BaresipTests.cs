using VoiceCarnival.Testing.Net;
using VoiceCarnival.Testing.Servers;

namespace VoiceCarnival.Interop.Tests.Phones;

/// <summary>baresip calls us and is called: what it says comes back, sample by sample.</summary>
public sealed class BaresipTests
{
    [Theory]
    [InlineData("udp", "PCMU", false)]
    [InlineData("tcp", "PCMA", false)]
    [InlineData("tls", "PCMU", true)]
    public async Task Caller_HearsItsOwnWords(string transport, string codec, bool isEncrypted)
    {
        PhoneProgram.Require("baresip");
        using var certificate = new TestCertificate();
        await using var server = await PhoneServer.StartAsync(certificate);
        int port = transport == "tls" ? server.TlsPort : server.Port;
        string account = $";regint=0;audio_codecs={codec}/8000/1{(isEncrypted ? ";mediaenc=srtp-mand" : "")}";
        await using var phone = Baresip.Start(SpokenWords.Narrow.WithPauses(), account, $"sip:agent@127.0.0.1:{port};transport={transport}");

        await phone.SaysAsync("Call established");
        await phone.SaysAsync("terminated");
        var call = Assert.Single(await server.CallsAsync());
        Assert.Equal(("in", "agent", codec, isEncrypted), (call.GetProperty("direction").GetString(), call.GetProperty("agent").GetString(),
            call.GetProperty("media").GetProperty("codec").GetString(), call.GetProperty("is_encrypted").GetBoolean()));
        Assert.Equal(0, call.GetProperty("media").GetProperty("packets_lost").GetInt64());
        Assert.InRange(call.GetProperty("media").GetProperty("mos").GetDouble(), 4, 4.5);
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Theory]
    [InlineData("127.0.0.1", "udp")]
    [InlineData("[::1]", "udp")]
    [InlineData("[::1]", "tcp")]
    public async Task Caller_OfAServerOnAllAddresses_ByEitherFamily_HearsItsOwnWords(string host, string transport)
    {
        PhoneProgram.Require("baresip");
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Address", "::"), ("VoiceCarnival:Sip:Peers:0", "127.0.0.1"), ("VoiceCarnival:Sip:Peers:1", "::1"));
        await using var phone = Baresip.Start(SpokenWords.Narrow.WithPauses(), ";regint=0;audio_codecs=PCMU/8000/1", $"sip:agent@{host}:{server.Port};transport={transport}", host: host);

        await phone.SaysAsync("Call established");
        await phone.SaysAsync("terminated");
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Fact]
    public async Task Caller_InWideband_HearsItsOwnWords()
    {
        PhoneProgram.Require("baresip");
        await using var server = await PhoneServer.StartAsync();
        var words = SpokenWords.Wide;
        await using var phone = Baresip.Start(words.WithPauses(), ";regint=0;audio_codecs=G722/16000/1", $"sip:agent@127.0.0.1:{server.Port}", rate: words.Rate);

        await phone.SaysAsync("Call established");
        await phone.SaysAsync("terminated");
        Assert.Equal("G722", Assert.Single(await server.CallsAsync()).GetProperty("media").GetProperty("codec").GetString());
        await phone.StopAsync();
        Assert.InRange(words.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Fact]
    public async Task Caller_OfAServerThatRelays_HearsTheServiceBehindIt()
    {
        PhoneProgram.Require("baresip");
        await using var service = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Enabled", "false"));
        await using var server = await PhoneServer.StartAsync(null,
            ("VoiceCarnival:Engine", "openai"), ("VoiceCarnival:OpenAI:BaseUrl", new Uri(service.Address, "v1").ToString()), ("VoiceCarnival:OpenAI:ApiKey", "sk-any"));
        await using var phone = Baresip.Start(SpokenWords.Narrow.WithPauses(), ";regint=0;audio_codecs=PCMU/8000/1", $"sip:agent@127.0.0.1:{server.Port}");

        await phone.SaysAsync("Call established");
        var relayed = Assert.Single((await service.GetAsync("/api/sessions")).GetProperty("sessions").EnumerateArray());
        Assert.Equal("websocket", relayed.GetProperty("transport").GetString());
        await phone.SaysAsync("terminated");
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Fact]
    public async Task Caller_OverABadNetwork_HearsItsOwnWords_WithWhatWasLostMadeUp()
    {
        PhoneProgram.Require("baresip");
        await using var server = await PhoneServer.StartAsync();
        using var network = new PhoneNetwork(server.Port, new EmulatedLine(seed: 5) { Loss = 0.05, Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(40) });
        await using var phone = Baresip.Start(SpokenWords.Narrow.WithPauses(), ";regint=0;audio_codecs=PCMU/8000/1", $"sip:agent@127.0.0.1:{network.Port}");

        await phone.SaysAsync("Call established");
        await phone.SaysAsync("terminated");
        var media = Assert.Single(await server.CallsAsync()).GetProperty("media");
        Assert.Equal(5, 100.0 * media.GetProperty("packets_lost").GetInt64() / media.GetProperty("packets_received").GetInt64(), 4.0);
        Assert.InRange(media.GetProperty("concealed_milliseconds").GetInt64(), 100, 2000);
        Assert.InRange(media.GetProperty("mos").GetDouble(), 2.5, 4.1);
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.6, 1);
    }

    [Fact]
    public async Task Caller_HandsItsSideOver_AndTheConversationGoesOnWithTheOther()
    {
        PhoneProgram.Require("baresip");
        await using var other = Baresip.Start(SpokenWords.Narrow.WithPauses(), ";regint=0;answermode=auto;audio_codecs=PCMA/8000/1", user: "desk");
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:TakesTransfers", "true"), ("VoiceCarnival:Sip:Destinations:0", "desk@127.0.0.1"));
        await using var phone = Baresip.Start(new short[60 * 8000], ";regint=0;audio_codecs=PCMU/8000/1", $"sip:agent@127.0.0.1:{server.Port}");
        await phone.SaysAsync("Call established");

        phone.Command($"/transfer sip:desk@127.0.0.1:{other.Port}");

        await other.SaysAsync("Call established");
        var call = Assert.Single(await server.CallsAsync());
        Assert.Equal("ended", (await server.UntilAsync(call.GetProperty("id").GetString()!, "ended"))[^1]);
        await other.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(other.Heard()), 0.98, 1);
        string ladder = await server.LadderAsync(call.GetProperty("id").GetString()!);
        Assert.Contains("REFER", ladder);
        Assert.Contains("NOTIFY", ladder);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Callee_OverTls_IsHeard_AlsoWithEncryptedAudio(bool isEncrypted)
    {
        PhoneProgram.Require("baresip");
        await using var phone = Baresip.Start(
            SpokenWords.Narrow.WithPauses(), $";regint=0;answermode=auto;audio_codecs=PCMU/8000/1{(isEncrypted ? ";mediaenc=srtp-mand" : "")}", user: "desk");
        using var certificate = new TestCertificate();
        (string, string)[] way = isEncrypted
            ? [
                ("VoiceCarnival:Sip:Destinations:0", "desk"), ("VoiceCarnival:Sip:Trunks:0:Name", "secure"), ("VoiceCarnival:Sip:Trunks:0:Hosts:0", $"127.0.0.1:{phone.TlsPort}"),
                ("VoiceCarnival:Sip:Trunks:0:Transport", "tls"), ("VoiceCarnival:Sip:Trunks:0:Encrypts", "true"),
            ]
            : [("VoiceCarnival:Sip:Destinations:0", "desk@127.0.0.1")];
        await using var server = await PhoneServer.StartAsync(certificate, [("VoiceCarnival:Sip:Authorities", phone.CertificatePath), .. way]);

        string call = await server.CallAsync(isEncrypted ? "desk" : $"sip:desk@127.0.0.1:{phone.TlsPort};transport=tls");
        await server.UntilAsync(call, "ended");

        Assert.Equal(isEncrypted, (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("is_encrypted").GetBoolean());
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Fact]
    public async Task CalleeWhoseCertificateNobodyVouchesFor_IsNotSpokenTo()
    {
        PhoneProgram.Require("baresip");
        await using var phone = Baresip.Start(SpokenWords.Narrow.WithPauses(), ";regint=0;answermode=auto;audio_codecs=PCMU/8000/1", user: "desk");
        using var certificate = new TestCertificate();
        await using var server = await PhoneServer.StartAsync(certificate, ("VoiceCarnival:Sip:Destinations:0", "desk@127.0.0.1"));

        string call = await server.CallAsync($"sip:desk@127.0.0.1:{phone.TlsPort};transport=tls");

        Assert.Equal(["dialing", "ended"], await server.UntilAsync(call, "ended"));
        Assert.Equal(503, (await server.GetAsync($"/api/sip/calls/{call}")).GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Callee_IsCalled_Heard_AndAnswered()
    {
        PhoneProgram.Require("baresip");
        await using var phone = Baresip.Start(SpokenWords.Narrow.WithPauses(), ";regint=0;answermode=auto;audio_codecs=PCMU/8000/1", user: "desk");
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Destinations:0", "desk@127.0.0.1"));

        string call = await server.CallAsync($"sip:desk@127.0.0.1:{phone.Port}");
        var states = await server.UntilAsync(call, "ended");

        Assert.Equal(["dialing", "answered", "ended"], states.Where(state => state != "ringing"));
        await phone.StopAsync();
        Assert.InRange(SpokenWords.Narrow.LikenessIn(phone.Heard()), 0.98, 1);
    }
}
