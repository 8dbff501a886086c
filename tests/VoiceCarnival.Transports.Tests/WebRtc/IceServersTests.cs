using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Sessions.Settings;
using VoiceCarnival.Transports.WebRtc;

namespace VoiceCarnival.Transports.Tests.WebRtc;

public sealed class IceServersTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    [Fact]
    public void Stun_NeedsNoPassword()
    {
        var server = Assert.Single(For(new IceServerOptions { Urls = ["stun:stun.example.org"] }, "me"));
        Assert.Equal(["stun:stun.example.org"], server.Urls);
        Assert.Null(server.Username);
        Assert.Null(server.Credential);
    }

    [Fact]
    public void FixedPassword_IsTheSameForAll()
    {
        var server = Assert.Single(For(new IceServerOptions { Urls = ["turn:turn.example.org"], Username = "all", Credential = new Secret("pass") }, "me"));
        Assert.Equal(("all", "pass"), (server.Username, server.Credential));
    }

    [Theory]
    [InlineData(null, "me", "1700000600:me")]
    [InlineData("fleet", "me", "1700000600:fleet")]
    [InlineData(null, null, "1700000600:caller")]
    public void SharedSecret_MakesAPasswordThatRunsOut(string? name, string? user, string expected)
    {
        var options = new IceServerOptions { Urls = ["turns:turn.example.org"], Username = name, SharedSecret = new Secret("north"), LifetimeSeconds = 600 };
        var server = Assert.Single(For(options, user));
        Assert.Equal(expected, server.Username);
        // As coturn checks it: the password is the MAC of the name under the secret.
#pragma warning disable CA5350
        Assert.Equal(Convert.ToBase64String(HMACSHA1.HashData("north"u8, Encoding.UTF8.GetBytes(expected))), server.Credential);
#pragma warning restore CA5350
    }

    private static IReadOnlyList<IceServer> For(IceServerOptions server, string? user) =>
        new IceServers(Options.Create(new WebRtcOptions { IceServers = [server] }), new FakeTimeProvider(Now)).For(user);
}
