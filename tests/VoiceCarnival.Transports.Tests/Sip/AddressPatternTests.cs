using VoiceCarnival.Transports.Sip;

namespace VoiceCarnival.Transports.Tests.Sip;

public sealed class AddressPatternTests
{
    [Theory]
    [InlineData("+49*", "tel:+4930123", true)]
    [InlineData("+49*", "tel:+1900", false)]
    [InlineData("+49*", "sip:+4930123@attacker.example", false)]
    [InlineData("*", "sip:anybody@attacker.example", false)]
    [InlineData("*@pbx.example.com", "sip:desk@pbx.example.com", true)]
    [InlineData("*@pbx.example.com", "sip:desk@pbx.example.com:5070;transport=tcp", true)]
    [InlineData("*@pbx.example.com", "sip:desk@pbx.example.com;maddr=192.0.2.1", false)]
    [InlineData("*@pbx.example.com", "sip:desk@pbx.example.com?Route=%3Csip:x@y%3E", false)]
    [InlineData("*@pbx.example.com", "sip:desk@pbx.example.com.attacker.example", false)]
    [InlineData("*@pbx.example.com", "sip:x@attacker.example@pbx.example.com", false)]
    [InlineData("sip:desk?@pbx.example.com", "sip:DESK1@PBX.example.com", true)]
    [InlineData("+49*", "https://example.com", false)]
    [InlineData("*@[::1]", "sip:desk@[::1]:5070", true)]
    [InlineData("*@::1", "sip:desk@[::1]", true)]
    [InlineData("*@[2001:db8::*]", "sip:desk@[2001:DB8:0:0::7]", true)]
    [InlineData("*@[2001:db8::7]", "sip:desk@[2001:db8::8]", false)]
    [InlineData("*@[::1]", "sip:desk@[::1].attacker.example", false)]
    public void Destinations_AreAllowedAsTheyAreWritten(string pattern, string uri, bool isAllowed) => Assert.Equal(isAllowed, new AddressPattern(pattern).MatchesUri(uri));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "a@b", false)]
    [InlineData("**?", "", false)]
    [InlineData("*a*b", "xaybab", true)]
    [InlineData("*a*b", "xayba", false)]
    [InlineData("*a*b", "a@ab", false)]
    [InlineData("a*@*c", "abc@abcc", true)]
    [InlineData("a*@*c", "abc@ab@c", false)]
    [InlineData("?", "@", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("ÄB", "äb", true)]
    public void Runs_EndWhereTheyMust(string pattern, string user, bool fits) => Assert.Equal(fits, new AddressPattern(pattern).MatchesUser(user));
}
