using System.Net;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class SipOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1", null, false, true)]
    [InlineData("::1", null, false, true)]
    [InlineData("0.0.0.0", null, false, false)]
    [InlineData("0.0.0.0", "192.0.2.0/24", false, true)]
    [InlineData("0.0.0.0", "192.0.2.7", false, true)]
    [InlineData("0.0.0.0", "trunk.example.com", false, false)]
    [InlineData("0.0.0.0", null, true, true)]
    [InlineData("everywhere", "192.0.2.7", false, false)]
    public void PortForStrangers_WantsPeersOrAccounts(string address, string? peer, bool hasAccount, bool isValid)
    {
        var options = OptionsOf(address, peer, hasAccount);

        Assert.Equal(isValid, new SipOptionsValidator().Validate(null, options).Succeeded);
    }

    [Theory]
    [InlineData("127.0.0.1", null, false, "127.0.0.1", true)]
    [InlineData("127.0.0.1", null, true, "127.0.0.1", false)]
    [InlineData("127.0.0.1", "192.0.2.7", false, "127.0.0.1", false)]
    [InlineData("0.0.0.0", "192.0.2.0/24", false, "192.0.2.255", true)]
    [InlineData("0.0.0.0", "192.0.2.0/24", false, "192.0.3.1", false)]
    [InlineData("0.0.0.0", "192.0.2.7", false, "::ffff:192.0.2.7", true)]
    [InlineData("0.0.0.0", "2001:db8::/32", false, "2001:db8::1", true)]
    public void Peers_AreKnownByAddress(string address, string? peer, bool hasAccount, string from, bool isKnown) =>
        Assert.Equal(isKnown, new SipPeers(OptionsOf(address, peer, hasAccount)).Contains(IPAddress.Parse(from)));

    private static SipOptions OptionsOf(string address, string? peer, bool hasAccount)
    {
        var options = new SipOptions { Enabled = true, Address = address };
        if (peer is not null)
            options.Peers.Add(peer);
        if (hasAccount)
            options.Accounts.Add(new SipAccount { User = "a", Password = new Secret("b") });
        return options;
    }
}
