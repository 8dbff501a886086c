using System.Text;
using System.Text.Json;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>A phone calls the server over real sockets, and the local engine answers.</summary>
public sealed class SipCallTests
{
    private static Gateway Open(params (string, string)[] more) =>
        new([("VoiceCarnival:Sip:Enabled", "true"), ("VoiceCarnival:Sip:Port", "0"), ("VoiceCarnival:Sip:Greets", "false"), .. more], localEngine: true);

    private static async Task<(JsonElement Json, int Port)> DescribeAsync(Gateway gateway)
    {
        var sip = await Gateway.JsonOf(await gateway.Client.GetAsync("/api/sip"));
        return (sip, int.Parse(sip.GetProperty("address").GetString()!.Split(':')[^1], null));
    }

    private static async Task<int> SessionsOf(Gateway gateway) =>
        (await Gateway.JsonOf(await gateway.Client.GetAsync("/api/sessions"))).GetProperty("sessions").GetArrayLength();

    [Fact]
    public async Task Call_IsAnswered_Heard_AndHungUp()
    {
        await using var gateway = Open();
        var (description, port) = await DescribeAsync(gateway);
        Assert.True(description.GetProperty("available").GetBoolean());
        Assert.Equal(["udp", "tcp"], description.GetProperty("transports").EnumerateArray().Select(transport => transport.GetString()));
        Assert.Contains("PCMU", description.GetProperty("codecs").EnumerateArray().Select(codec => codec.GetString()));
        using var phone = new SipPhone(port);

        await phone.SendAsync("INVITE", 1, phone.Sdp());
        var ok = await phone.ReceiveAsync();
        Assert.Equal(200, ok.Status);
        Assert.Contains("m=audio 2", Encoding.UTF8.GetString(ok.Body.Span));
        await phone.SendAsync("ACK", 1);
        var packets = new List<byte[]>();
        for (int i = 0; i < 10; i++)
            packets.Add(await phone.ReceiveAudioAsync());
        await phone.SendAsync("BYE", 2);
        Assert.Equal(200, (await phone.ReceiveAsync()).Status);

        // Audio goes on without a break also while nobody says anything: trunks hang up on silence.
        Assert.All(packets, packet => Assert.Equal((172, 0), (packet.Length, packet[1] & 0x7F)));
        Assert.Equal(packets.Select((_, i) => (ushort)((packets[0][2] << 8 | packets[0][3]) + i)), packets.Select(packet => (ushort)(packet[2] << 8 | packet[3])));
        // The answer to BYE does not wait for the session's end.
        for (int i = 0; i < 100 && await SessionsOf(gateway) > 0; i++)
            await Task.Delay(50);
        Assert.Equal(0, await SessionsOf(gateway));
    }

    [Fact]
    public async Task StrangerOnAPortWithAccounts_IsAskedForAPassword_AndHasNoSession()
    {
        await using var gateway = Open(("VoiceCarnival:Sip:Accounts:0:User", "desk"), ("VoiceCarnival:Sip:Accounts:0:Password", "secret"));
        using var phone = new SipPhone((await DescribeAsync(gateway)).Port);

        await phone.SendAsync("INVITE", 1, phone.Sdp());

        var refusal = await phone.ReceiveAsync();
        Assert.Equal(401, refusal.Status);
        Assert.Contains("algorithm=SHA-256", refusal.GetText(VoiceCarnival.Protocols.Sip.SipHeaderName.WwwAuthenticate));
    }
}
