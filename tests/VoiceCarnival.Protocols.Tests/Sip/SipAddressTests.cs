using System.Text;
using VoiceCarnival.Protocols.Sip;

namespace VoiceCarnival.Protocols.Tests.Sip;

public sealed class SipAddressTests
{
    [Theory]
    [InlineData("sip:alice@example.com", "alice", "example.com", null)]
    [InlineData("sip:alice:secret@example.com:5070", "alice", "example.com", 5070)]
    [InlineData("SIPS:+4930@[2001:db8::1]:5061;transport=tls;lr", "+4930", "2001:db8::1", 5061)]
    [InlineData("sip:192.0.2.1", "", "192.0.2.1", null)]
    [InlineData("sip:agent_1@my_host.local;user=phone?Subject=x", "agent_1", "my_host.local", null)]
    [InlineData("sip:%61lice@example.com", "alice", "example.com", null)]
    public void SipUris_AreRead(string text, string user, string host, int? port)
    {
        Assert.True(SipUri.TryParse(Encoding.UTF8.GetBytes(text), out var uri));
        Assert.True(uri.IsSip);
        Assert.Equal((user, host, port), (uri.UserText, uri.HostText, uri.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sip")]
    [InlineData("sip:")]
    [InlineData("sip:@example.com")]
    [InlineData("sip:a@")]
    [InlineData("sip:a@b@c")]
    [InlineData("sip:a@b:0")]
    [InlineData("sip:a@b:65536")]
    [InlineData("sip:a@b:x")]
    [InlineData("sip:a@[::1")]
    [InlineData("sip:a@[zz]")]
    [InlineData("sip:a@b;")]
    [InlineData("sip:a@b;;lr")]
    [InlineData("sip:a b@c")]
    [InlineData(" sip:a@c")]
    [InlineData("sip:a@c\r\n")]
    [InlineData("sip:a@c>")]
    [InlineData("tel:")]
    [InlineData("tel:alice")]
    [InlineData("1sip:a@c")]
    public void MalformedUris_AreRefused(string text) => Assert.False(SipUri.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("tel:+1-201-555-0123", "+1-201-555-0123")]
    [InlineData("tel:7042;phone-context=example.com", "7042")]
    [InlineData("tel:*21#", "*21#")]
    public void PhoneNumbers_AreRead(string text, string number)
    {
        Assert.True(SipUri.TryParse(Encoding.UTF8.GetBytes(text), out var uri));
        Assert.Equal(SipUriScheme.Tel, uri.Scheme);
        Assert.Equal(number, uri.UserText);
    }

    [Theory]
    [InlineData("<sip:a@b>;tag=x", null, "x")]
    [InlineData("sip:a@b;tag=x", null, "x")]
    [InlineData("sip:a@b", null, "")]
    [InlineData("Alice <sip:a@b> ; tag = x", "Alice", "x")]
    [InlineData("Alice B. Müller (home) <sip:a@b>;tag=x", "Alice B. Müller (home)", "x")]
    [InlineData("\"A \\\"B\\\", C\" <sip:a@b>;tag=x;y=\"<;>\"", "A \"B\", C", "x")]
    [InlineData("\"\"<sip:a@b>", null, "")]
    public void Addresses_AreRead(string text, string? name, string tag)
    {
        Assert.True(NameAddress.TryParse(Encoding.UTF8.GetBytes(text), out var address));
        Assert.Equal("a", address.Uri.UserText);
        Assert.Equal(name, address.NameText);
        Assert.Equal(tag, Encoding.ASCII.GetString(address.Tag));
    }

    [Theory]
    [InlineData("\"Alice <sip:a@b>")]
    [InlineData("\"Alice\" sip:a@b")]
    [InlineData("<sip:a@b")]
    [InlineData("< sip:a@b >")]
    [InlineData("<sip:a@b>;")]
    [InlineData("<sip:a@b> tag=x")]
    [InlineData("Bell, A <sip:a@b>")]
    [InlineData("<>")]
    [InlineData("")]
    public void MalformedAddresses_AreRefused(string text) => Assert.False(NameAddress.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("SIP/2.0/UDP host;branch=z9hG4bKx", "host:5060", true)]
    [InlineData("SIP/2.0/TLS HOST ;rport;branch=z9hG4bKx", "host:5061", true)]
    [InlineData("SIP / 2.0 / TCP  [::1] : 5070 ; received=::1", "[::1]:5070", false)]
    [InlineData("SIP/2.0/UDP host;branch=z9hG4bK", "host:5060", false)]
    public void Vias_AreRead(string text, string sentBy, bool isMagic)
    {
        Assert.True(Via.TryParse(Encoding.UTF8.GetBytes(text), out var via));
        Assert.Equal((sentBy, isMagic), (via.SentBy, via.HasMagicBranch));
    }

    [Theory]
    [InlineData("SIP/2.0/UDP")]
    [InlineData("SIP/2.0/UDP ")]
    [InlineData("SIP/2.0 host")]
    [InlineData("HTTP/1.1/TCP host")]
    [InlineData("SIP/2.0/UDPhost:x")]
    [InlineData("SIP/2.0/UDP host;")]
    [InlineData("SIP/2.0/UDP host;branch=")]
    public void MalformedVias_AreRefused(string text) => Assert.False(Via.TryParse(Encoding.UTF8.GetBytes(text), out _));
}
