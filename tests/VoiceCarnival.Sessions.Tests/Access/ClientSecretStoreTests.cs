using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Sessions.Access;

namespace VoiceCarnival.Sessions.Tests.Access;

public sealed class ClientSecretStoreTests
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Secret_StartsSeveralSessionsUntilItExpires()
    {
        var store = new ClientSecretStore(_time);
        var secret = store.Mint(Json("""{"voice":"one"}"""), TenMinutes);
        Assert.Equal(_time.GetUtcNow() + TenMinutes, secret.ExpiresAt);
        _time.Advance(TenMinutes - TimeSpan.FromSeconds(1));
        Assert.Equal("one", store.Redeem(secret.Value)!.Session.GetProperty("voice").GetString());
        Assert.NotNull(store.Redeem(secret.Value));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(store.Redeem(secret.Value));
    }

    [Fact]
    public void BoundSession_OutlivesTheDocumentItCameFrom()
    {
        var store = new ClientSecretStore(_time);
        ClientSecret secret;
        using (var document = JsonDocument.Parse("""{"instructions":"hi"}"""))
            secret = store.Mint(document.RootElement, TenMinutes);
        Assert.Equal("hi", store.Redeem(secret.Value)!.Session.GetProperty("instructions").GetString());
    }

    [Fact]
    public void NoSession_BindsNone()
    {
        var store = new ClientSecretStore(_time);
        Assert.Equal(JsonValueKind.Undefined, store.Redeem(store.Mint(default, TenMinutes).Value)!.Session.ValueKind);
    }

    [Fact]
    public void Values_DifferAndDoNotShowInText()
    {
        var store = new ClientSecretStore(_time);
        var secrets = Enumerable.Range(0, 100).Select(_ => store.Mint(default, TenMinutes)).ToArray();
        Assert.Equal(100, secrets.Select(s => s.Value).Distinct().Count());
        Assert.All(secrets, s => Assert.Matches("^ek_[0-9a-f]{48}$", s.Value));
        Assert.DoesNotContain(secrets[0].Value, secrets[0].ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secrets[0].Value[3..], store.Redeem(secrets[0].Value)!.Id, StringComparison.Ordinal);
    }

    [Fact]
    public void FullStore_LetsTheSoonestExpiringGo()
    {
        var store = new ClientSecretStore(_time, 3, 1_000_000);
        var medium = store.Mint(default, TimeSpan.FromSeconds(60));
        var soon = store.Mint(default, TimeSpan.FromSeconds(10));
        var late = store.Mint(default, TimeSpan.FromSeconds(100));
        var extra = store.Mint(default, TimeSpan.FromSeconds(100));
        Assert.Equal(3, store.Count);
        Assert.Null(store.Redeem(soon.Value));
        Assert.All([medium, late, extra], secret => Assert.NotNull(store.Redeem(secret.Value)));
    }

    [Fact]
    public void ExpiredSecrets_GoBeforeAnyOther()
    {
        var store = new ClientSecretStore(_time, 2, 1_000_000);
        store.Mint(default, TimeSpan.FromSeconds(10));
        var kept = store.Mint(default, TimeSpan.FromSeconds(100));
        _time.Advance(TimeSpan.FromSeconds(11));
        store.Mint(default, TimeSpan.FromSeconds(10));
        Assert.NotNull(store.Redeem(kept.Value));
    }

    [Fact]
    public void LargeSessions_CountByTheirSize()
    {
        var store = new ClientSecretStore(_time, 1000, 1000);
        var session = Json($$"""{"instructions":"{{new string('x', 380)}}"}""");
        var first = store.Mint(session, TimeSpan.FromSeconds(10));
        var second = store.Mint(session, TimeSpan.FromSeconds(20));
        var third = store.Mint(session, TimeSpan.FromSeconds(30));
        Assert.Null(store.Redeem(first.Value));
        Assert.NotNull(store.Redeem(second.Value));
        Assert.NotNull(store.Redeem(third.Value));
    }

    [Fact]
    public void UserWhoFillsTheStore_PushesOutHisOwn()
    {
        var store = new ClientSecretStore(_time, 1000, 8000);
        var session = Json($$"""{"instructions":"{{new string('x', 380)}}"}""");
        var others = store.Mint(session, TimeSpan.FromSeconds(10), "somebody");
        var servers = store.Mint(session, TimeSpan.FromSeconds(10));
        var first = store.Mint(session, TimeSpan.FromSeconds(7200), "greedy");
        for (int i = 0; i < 100; i++)
            store.Mint(session, TimeSpan.FromSeconds(7200), "greedy");
        Assert.Equal(4, store.Count); // two of his, an eighth
        Assert.NotNull(store.Redeem(others.Value));
        Assert.NotNull(store.Redeem(servers.Value));
        Assert.Null(store.Redeem(first.Value));
        _time.Advance(TimeSpan.FromSeconds(7201));
        store.Mint(session, TimeSpan.FromSeconds(10), "greedy");
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void UserWithAllOfHisShare_PushesOutHisOwn_AlsoWhenTheStoreIsFull()
    {
        var store = new ClientSecretStore(_time, 1000, 3300);
        var session = Json($$"""{"instructions":"{{new string('x', 380)}}"}""");
        var others = Enumerable.Range(0, 7).Select(i => store.Mint(session, TimeSpan.FromSeconds(10 + i), $"user{i}")).ToList();
        store.Mint(session, TimeSpan.FromSeconds(7200), "greedy");
        Assert.Equal(8, store.Count); // there is room for no ninth
        store.Mint(session, TimeSpan.FromSeconds(7200), "greedy");
        Assert.All(others, secret => Assert.NotNull(store.Redeem(secret.Value)));
        Assert.Equal(8, store.Count);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(7201)]
    public void LifetimeOutOfRange_Throws(int seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClientSecretStore(_time).Mint(default, TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("")]
    [InlineData("ek_")]
    [InlineData("sk-123")]
    public void UnknownValue_IsNothing(string value) => Assert.Null(new ClientSecretStore(_time).Redeem(value));

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement.Clone();
}
