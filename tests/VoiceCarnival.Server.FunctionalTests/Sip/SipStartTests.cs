using System.Net;
using System.Net.Sockets;

namespace VoiceCarnival.Server.FunctionalTests.Sip;

/// <summary>The server starts where another has its port.</summary>
public sealed class SipStartTests
{
    [Fact]
    public async Task PortThatIsTaken_GivesWayToAFreeOne_WhereNobodyInsists()
    {
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int taken = ((IPEndPoint)other.Client.LocalEndPoint!).Port;
        await using var gateway = new Gateway([("VoiceCarnival:Sip:Port", $"{taken}"), ("VoiceCarnival:Sip:Greets", "false")], localEngine: true);
        var sip = await Gateway.JsonOf(await gateway.Client.GetAsync("/api/sip"));
        Assert.True(sip.GetProperty("available").GetBoolean());
        int port = int.Parse(sip.GetProperty("address").GetString()!.Split(':')[^1], null);

        Assert.NotEqual(taken, port);
        using var phone = new SipPhone(port);
        Assert.Equal(200, (await phone.CallAsync()).Status);
        await phone.ReceiveAudioAsync();
    }
}
