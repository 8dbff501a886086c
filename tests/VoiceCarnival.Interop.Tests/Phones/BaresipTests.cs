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
        await using var phone = Baresip.Start(SpokenWords.WithPauses(), account, $"sip:agent@127.0.0.1:{port};transport={transport}");

        await phone.SaysAsync("Call established");
        await phone.SaysAsync("terminated");
        var call = Assert.Single(await server.CallsAsync());
        Assert.Equal(("in", "agent", codec, isEncrypted), (call.GetProperty("direction").GetString(), call.GetProperty("agent").GetString(),
            call.GetProperty("media").GetProperty("codec").GetString(), call.GetProperty("is_encrypted").GetBoolean()));
        Assert.Equal(0, call.GetProperty("media").GetProperty("packets_lost").GetInt64());
        Assert.InRange(call.GetProperty("media").GetProperty("mos").GetDouble(), 4, 4.5);
        await phone.StopAsync();
        Assert.InRange(SpokenWords.LikenessIn(phone.Heard()), 0.98, 1);
    }

    [Fact]
    public async Task Callee_IsCalled_Heard_AndAnswered()
    {
        PhoneProgram.Require("baresip");
        await using var phone = Baresip.Start(SpokenWords.WithPauses(), ";regint=0;answermode=auto;audio_codecs=PCMU/8000/1", user: "desk");
        await using var server = await PhoneServer.StartAsync(null, ("VoiceCarnival:Sip:Destinations:0", "desk@127.0.0.1"));

        string call = await server.CallAsync($"sip:desk@127.0.0.1:{phone.Port}");
        var states = await server.UntilAsync(call, "ended");

        Assert.Equal(["dialing", "answered", "ended"], states.Where(state => state != "ringing"));
        await phone.StopAsync();
        Assert.InRange(SpokenWords.LikenessIn(phone.Heard()), 0.98, 1);
    }
}
