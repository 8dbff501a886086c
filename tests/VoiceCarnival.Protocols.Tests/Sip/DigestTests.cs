using System.Text;
using VoiceCarnival.Protocols.Sip;
using VoiceCarnival.Protocols.Sip.Digest;

namespace VoiceCarnival.Protocols.Tests.Sip;

public sealed class DigestTests
{
    [Theory]
    // RFC 7616, section 3.9.1.
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void Response_IsThatOfTheRfc(string algorithm, string response)
    {
        var client = new DigestClient(new SipCredentials("Mufasa", "Circle of Life"));
        Assert.True(client.TryTake(Challenge($"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"")));

        var (name, value) = Assert.Single(client.Authorize("GET", "/dir/index.html", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"));

        Assert.Equal(SipHeaderName.Authorization, name);
        Assert.Contains($"response=\"{response}\"", value);
        Assert.Contains("nc=00000001", value);
        Assert.Contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"", value);
    }

    [Fact]
    public void StrongestChallenge_IsAnswered()
    {
        var client = new DigestClient(new SipCredentials("a", "b"));
        Assert.True(client.TryTake(Challenge("Digest realm=\"x\", nonce=\"1\", algorithm=MD5", "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-256, qop=\"auth\"", "Basic realm=\"x\"", "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-512-256")));

        Assert.Contains("algorithm=SHA-256", Assert.Single(client.Authorize("INVITE", "sip:x", "c")).Value);
        Assert.False(client.TryTake(Challenge("Digest realm=\"x\", nonce=\"1\", algorithm=SHA-256, qop=\"auth\"")));
        Assert.True(client.TryTake(Challenge("Digest realm=\"x\", nonce=\"2\", algorithm=SHA-256, qop=\"auth\", stale=true")));
    }

    [Theory]
    [InlineData("Digest realm=\"x\"")]
    [InlineData("Digest nonce=\"x\"")]
    [InlineData("Digest realm=\"x\", nonce=\"y")]
    [InlineData("Digest realm=\"x\", realm=\"y\", nonce=\"z\"")]
    [InlineData("Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"")]
    [InlineData("Digest realm=\"x\", nonce=\"y\", algorithm=FOO")]
    [InlineData("Basic realm=\"x\"")]
    public void ChallengeThatCannotBeAnswered_IsNotTaken(string challenge) =>
        Assert.False(new DigestClient(new SipCredentials("a", "b")).TryTake(Challenge(challenge)));

    [Fact]
    public void Server_ChecksWithoutKeepingAnything()
    {
        var server = new DigestServer("voice", user => user == "a" ? "b" : null, new byte[32]);
        Assert.Equal(DigestOutcome.Accepted, Try(server, server, "a", "b", 0));
        Assert.Equal(DigestOutcome.Accepted, Try(server, new DigestServer("voice", _ => "b", new byte[32]), "a", "b", 100));
        Assert.Equal(DigestOutcome.Stale, Try(server, server, "a", "b", 121));
        Assert.Equal(DigestOutcome.Refused, Try(server, server, "a", "c", 0));
        Assert.Equal(DigestOutcome.Refused, Try(server, server, "nobody", "", 0));
        Assert.Equal(DigestOutcome.Missing, Try(server, new DigestServer("voice", _ => "b", Enumerable.Repeat((byte)1, 32).ToArray()), "a", "b", 0));
        Assert.Equal(DigestOutcome.Missing, Try(server, new DigestServer("other", _ => "b", new byte[32]), "a", "b", 0));
        Assert.Equal(DigestOutcome.Missing, server.Check(Invite(""), TimeSpan.Zero, out _));
        Assert.Equal(DigestOutcome.Missing, server.Check(Invite("Authorization: NoOneKnowsThisScheme opaque-data=here\r\n"), TimeSpan.Zero, out _));
    }

    [Fact]
    public void AnswerThatWasOverheard_CannotBePlayedAgain_AndTheOwnerGoesOn()
    {
        var server = new DigestServer("voice", user => user == "a" ? "b" : null, new byte[32]);
        var client = new DigestClient(new SipCredentials("a", "b"));
        Assert.True(client.TryTake(Challenge([.. server.Challenge(false, TimeSpan.Zero)])));
        string first = Authorize(), second = Authorize(), third = Authorize();

        Assert.Equal(DigestOutcome.Accepted, Check(first));
        Assert.Equal(DigestOutcome.Stale, Check(first));
        Assert.Equal(DigestOutcome.Accepted, Check(third));
        // Overtaken on the way: whoever knows the password is asked once more, with a new nonce.
        Assert.Equal(DigestOutcome.Stale, Check(second));
        Assert.Equal(DigestOutcome.Refused, Check(third.Replace("nc=00000003", "nc=00000009", StringComparison.Ordinal)));
        Assert.True(client.TryTake(Challenge([.. server.Challenge(true, TimeSpan.Zero)])));
        Assert.Equal(DigestOutcome.Accepted, Check(Authorize()));

        string Authorize() => Assert.Single(client.Authorize("INVITE", "sip:agent@b", "cnonce")).Value;
        DigestOutcome Check(string authorization) => server.Check(Invite($"Authorization: {authorization}\r\n"), TimeSpan.FromSeconds(1), out _);
    }

    private static DigestOutcome Try(DigestServer challenges, DigestServer checks, string user, string password, double seconds)
    {
        var client = new DigestClient(new SipCredentials(user, password));
        Assert.True(client.TryTake(Challenge([.. challenges.Challenge(false, TimeSpan.Zero)])));
        string authorization = Assert.Single(client.Authorize("INVITE", "sip:agent@b", "cnonce")).Value;
        return checks.Check(Invite($"Authorization: {authorization}\r\n"), TimeSpan.FromSeconds(seconds), out _);
    }

    private static SipMessage Invite(string headers) => Read($"INVITE sip:agent@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:agent@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n{headers}\r\n");

    private static SipMessage Challenge(params string[] challenges) =>
        Read($"SIP/2.0 401 X\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 REGISTER\r\n{string.Concat(challenges.Select(c => $"WWW-Authenticate: {c}\r\n"))}\r\n");

    private static SipMessage Read(string text)
    {
        Assert.True(SipMessage.TryRead(Encoding.UTF8.GetBytes(text), out var message, out var fault), fault?.Reason);
        return message;
    }
}
