using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Sessions.Access;
using VoiceCarnival.Sessions.Settings;

namespace VoiceCarnival.Sessions.Tests.Access;

public sealed class CallerAuthenticatorTests
{
    private const string Key = "one-of-the-operators-keys";
    private const string OtherKey = "another-of-the-operators-keys";
    private readonly ClientSecretStore _secrets = new(new FakeTimeProvider());

    [Theory]
    [InlineData(AuthenticationMode.Auto, true, false)]
    [InlineData(AuthenticationMode.Auto, false, true)]
    [InlineData(AuthenticationMode.Off, false, false)]
    [InlineData(AuthenticationMode.Required, true, true)]
    public void CallerWithoutKey_IsLetInWhereNoneIsRequired(AuthenticationMode mode, bool isLoopback, bool isRequired)
    {
        var authenticator = Create(mode);
        Assert.Equal(isRequired, authenticator.IsRequired(isLoopback));
        foreach (string? key in new[] { null, "", "wrong" })
        {
            var (caller, refusal) = authenticator.Authenticate(key, isLoopback);
            Assert.Equal(isRequired, caller is null);
            Assert.Equal(isRequired ? 401 : null, refusal?.Status);
            if (isRequired)
                Assert.Equal("invalid_api_key", refusal!.Error.Code);
            else
                Assert.Equal(CallerKind.Anonymous, caller!.Kind);
        }
    }

    [Fact]
    public void KnownKey_IsItsOwner()
    {
        var authenticator = Create(AuthenticationMode.Required);
        Assert.Equal(new Caller(CallerKind.ApiKey, "plain"), authenticator.Authenticate(Key, false).Caller);
        Assert.Equal(new Caller(CallerKind.ApiKey, "hashed"), authenticator.Authenticate(OtherKey, false).Caller);
        Assert.Null(authenticator.Authenticate(Key + " ", false).Caller);
        Assert.Null(authenticator.Authenticate(new string('x', 1_000_000), false).Caller);
    }

    [Fact]
    public void ClientSecret_IsCheckedEvenWhereNoKeyIsRequired()
    {
        var authenticator = Create(AuthenticationMode.Off);
        var secret = _secrets.Mint(default, TimeSpan.FromMinutes(1));
        Assert.Equal(CallerKind.ClientSecret, authenticator.Authenticate(secret.Value, true).Caller!.Kind);
        var refusal = authenticator.Authenticate("ek_unknown", true).Refusal!;
        Assert.Equal(401, refusal.Status);
        Assert.Contains("/api/ephemeral-token", refusal.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SecretOfAUser_CountsAsTheUser_AndABackendsByItself()
    {
        var authenticator = Create(AuthenticationMode.Off);
        var user = new Caller(CallerKind.User, "user:alice");
        var backend = new Caller(CallerKind.ApiKey, "backend");
        string users = _secrets.Mint(default, TimeSpan.FromMinutes(1), user.SecretOwner).Value;
        string backends = _secrets.Mint(default, TimeSpan.FromMinutes(1), backend.SecretOwner).Value;
        Assert.Equal("user:alice", authenticator.Authenticate(users, false).Caller!.Name);
        Assert.False(authenticator.Authenticate(users, false).Caller!.IsTrusted);
        Assert.StartsWith("cs_", authenticator.Authenticate(backends, false).Caller!.Name, StringComparison.Ordinal);
        Assert.False(authenticator.Authenticate(backends, false).Caller!.IsTrusted);
    }

    [Fact]
    public void TokenThatNobodyChecked_IsRefused()
    {
        var authenticator = new CallerAuthenticator(Options.Create(new AccessOptions { Authentication = AuthenticationMode.Off, Jwt = new JwtOptions { Authority = "https://id.example.com" } }), _secrets);
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = "Bearer eyJhbGciOiJub25lIn0.e30.";
        Assert.Equal(401, authenticator.Authenticate(context).Refusal!.Status);
        context.Request.Headers.Authorization = "Bearer any";
        Assert.Equal(CallerKind.Anonymous, authenticator.Authenticate(context).Caller!.Kind);
    }

    [Fact]
    public void NoKeysConfigured_SaysHowToSetThem()
    {
        var authenticator = new CallerAuthenticator(Options.Create(new AccessOptions()), _secrets);
        Assert.Contains("VoiceCarnival:Access:ApiKeys", authenticator.Authenticate(null, false).Refusal!.Error.Message, StringComparison.Ordinal);
    }

    private CallerAuthenticator Create(AuthenticationMode mode) => new(Options.Create(new AccessOptions
    {
        Authentication = mode,
        ApiKeys =
        [
            new ApiKeyOptions { Name = "plain", Key = new Secret(Key) },
            new ApiKeyOptions { Name = "hashed", Sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(OtherKey))) },
        ],
    }), _secrets);
}
