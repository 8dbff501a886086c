using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class SipDoorTests
{
    private static readonly IPEndPoint Callee = IPEndPoint.Parse("192.0.2.9:5060");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StrangerWhomWeHaveAsked_IsHeard_AndStaysAStranger(bool hasAccounts)
    {
        var door = Open(hasAccounts);
        Assert.Equal(hasAccounts, door.TakesMessage(Callee, isPeer: false));

        door.Expect(Callee.Address);

        // From another port, too: who answers behind a translator is no less the one who was asked.
        Assert.True(door.TakesMessage(IPEndPoint.Parse("192.0.2.9:33333"), isPeer: false));
        Assert.True(door.TakesConnection(Callee, isPeer: false));
        Assert.False(door.IsPeer(Callee.Address));
        Assert.Equal(hasAccounts, door.TakesMessage(IPEndPoint.Parse("192.0.2.10:5060"), isPeer: false));
    }

    [Fact]
    public void StrangerWhomWeHaveAsked_IsHeardNoMoreThanStrangersAre()
    {
        var door = Open(hasAccounts: false);
        door.Expect(Callee.Address);

        // Two seconds at most, should one end meanwhile.
        Assert.InRange(Enumerable.Range(0, 1000).Count(_ => door.TakesMessage(Callee, isPeer: false)), 20, 40);
    }

    [Fact]
    public void FloodOfStrangers_DoesNotKeepOutAnswers()
    {
        var door = Open(hasAccounts: true);
        door.Expect(Callee.Address);
        for (int i = 0; i < 1000; i++)
            door.TakesMessage(new IPEndPoint(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 5060), isPeer: false);

        Assert.True(door.TakesMessage(Callee, isPeer: false));
    }

    private static SipDoor Open(bool hasAccounts)
    {
        var options = new SipOptions { Enabled = true, Address = "0.0.0.0", MaxMessagesPerSecond = 100, MaxMessagesPerSecondPerAddress = 20 };
        options.Peers.Add("198.51.100.1");
        if (hasAccounts)
            options.Accounts.Add(new SipAccount { User = "a", Password = new Secret("b") });
        return new SipDoor(options, new SipPeers(options), NullLogger.Instance);
    }
}
