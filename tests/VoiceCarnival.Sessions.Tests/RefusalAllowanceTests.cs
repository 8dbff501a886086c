using Microsoft.Extensions.Time.Testing;

namespace VoiceCarnival.Sessions.Tests;

/// <summary>How often a caller may be told that what it sends is nonsense.</summary>
public sealed class RefusalAllowanceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void TenSecondsWorthAtOnce_ThenAsManyASecondAsAreAllowed()
    {
        var allowance = new RefusalAllowance(2, _time.GetTimestamp(), _time);
        Assert.Equal(20, Taken(allowance));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Taken(allowance));
        _time.Advance(TimeSpan.FromSeconds(0.75));
        Assert.Equal(1, Taken(allowance));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, Taken(allowance));
    }

    private int Taken(RefusalAllowance allowance)
    {
        int taken = 0;
        while (allowance.TryTake(_time.GetTimestamp()))
            taken++;
        return taken;
    }
}
