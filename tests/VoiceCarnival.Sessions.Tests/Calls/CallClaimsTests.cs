using Microsoft.Extensions.Time.Testing;
using VoiceCarnival.Sessions.Calls;

namespace VoiceCarnival.Sessions.Tests.Calls;

public sealed class CallClaimsTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task ManyAtOnce_OneClaims()
    {
        var claims = new CallClaims(_time);
        var tries = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () => await claims.TryClaimAsync("call", Hour))));
        Assert.Single(tries, claimed => claimed);
    }

    [Fact]
    public async Task Claim_EndsWithItsTime_OrWhenGivenBack()
    {
        var claims = new CallClaims(_time);
        Assert.True(await claims.TryClaimAsync("a", Hour));
        _time.Advance(Hour - TimeSpan.FromSeconds(1));
        Assert.False(await claims.TryClaimAsync("a", Hour));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await claims.TryClaimAsync("a", Hour));
        await claims.ReleaseAsync("a");
        Assert.True(await claims.TryClaimAsync("a", Hour));
    }

    [Fact]
    public async Task ClaimGivenBackAndMadeAgain_OutlivesItsFirstEntry()
    {
        var claims = new CallClaims(_time);
        await claims.TryClaimAsync("a", Hour);
        await claims.ReleaseAsync("a");
        _time.Advance(TimeSpan.FromMinutes(30));
        await claims.TryClaimAsync("a", Hour);
        _time.Advance(TimeSpan.FromMinutes(45));
        await claims.TryClaimAsync("b", Hour);
        Assert.False(await claims.TryClaimAsync("a", Hour));
    }

    [Fact]
    public async Task WhenFull_TheOldestGoFirst()
    {
        var claims = new CallClaims(_time, capacity: 2);
        foreach (string name in new[] { "a", "b", "c" })
            Assert.True(await claims.TryClaimAsync(name, Hour));
        Assert.False(await claims.TryClaimAsync("c", Hour));
        Assert.False(await claims.TryClaimAsync("b", Hour));
        Assert.True(await claims.TryClaimAsync("a", Hour));
    }
}
